import type { Chat } from '../../chat/chat.ts';
import type { Caller } from '../../chat/chat-store.ts';
import type { Answered } from './batches.ts';
import type { Attempt } from './connection.ts';
import { chatFields, toId, type ChatDocument, type ReadDocuments } from './documents.ts';

/**
 * Finds the chats of many callers with one command: after a restart everybody comes at once. `null`: the caller is in no
 * such chat. A document that cannot be read, because others have written it, is nobody's trouble but its own.
 */
export async function findParticipants(
  { chats, maxTimeMS }: Attempt,
  callers: readonly Caller[],
  read: ReadDocuments,
): Promise<Answered<Chat | null>[]> {
  const ids = [...new Set(callers.map(({ chatToken }) => chatToken))].map(toId);
  const userIds = callers.map(({ userId }) => toId(userId));
  const filter = { _id: { $in: ids }, user_tokens: { $in: userIds } };
  const options = { maxTimeMS, projection: chatFields, batchSize: ids.length + 1 };
  const found = await chats.find<ChatDocument>(filter, options).toArray();
  const byToken = new Map(found.map((document) => [document._id.toHexString(), document]));
  return callers.map((caller) => answerOf(byToken.get(caller.chatToken), caller, read));
}

function answerOf(
  document: ChatDocument | undefined,
  { userId }: Caller,
  read: ReadDocuments,
): Answered<Chat | null> {
  try {
    const isTheirs = document?.user_tokens.some((id) => id.toHexString() === userId) === true;
    return { value: isTheirs ? read.toChat(document) : null };
  } catch (error) {
    return { error: error as Error };
  }
}
