import type { Chat } from '../../chat/chat.ts';
import type { Caller } from '../../chat/chat-store.ts';
import { answerEach } from './answer-each.ts';
import type { Answered } from './batches.ts';
import type { Attempt } from './connection.ts';
import { chatFields, toId, type ChatDocument, type ReadDocuments } from './documents.ts';

/**
 * Finds the chats of many callers with one command: after a restart everybody comes at once. `null`: the caller is in no
 * such chat.
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
  return answerEach(callers, found, read.toChat);
}
