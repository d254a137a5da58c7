import type { UserId } from '../../chat/chat.ts';
import type { Caller } from '../../chat/chat-store.ts';
import type { Answered } from './batches.ts';
import type { ChatDocument } from './documents.ts';

/**
 * Gives each caller what is theirs of the chats that were found for all of them; `null`: they are in no such chat. A
 * document that cannot be read, because others have written it, is nobody's trouble but its own.
 */
export function answerEach<Found extends Pick<ChatDocument, '_id' | 'user_tokens'>, Value>(
  callers: readonly Caller[],
  found: readonly Found[],
  toValue: (document: Found, userId: UserId) => Value,
): Answered<Value | null>[] {
  const byToken = new Map(found.map((document) => [document._id.toHexString(), document]));
  return callers.map(({ chatToken, userId }) => {
    const document = byToken.get(chatToken);
    try {
      const isTheirs = document?.user_tokens.some((id) => id.toHexString() === userId) === true;
      return { value: isTheirs ? toValue(document, userId) : null };
    } catch (error) {
      return { error: error as Error };
    }
  });
}
