import type { ObjectId } from 'mongodb';
import type { Caller, Inbox } from '../../chat/chat-store.ts';
import { answerEach } from './answer-each.ts';
import type { Answered } from './batches.ts';
import type { Attempt } from './connection.ts';
import {
  inboxFields,
  toId,
  type InboxDocument,
  type InboxesDocument,
  type ReadDocuments,
  inboxesFields,
} from './documents.ts';
import { isUnavailable } from './errors.ts';
import { findOne } from './operations.ts';
import { isParticipant } from './updates/expressions.ts';

/**
 * Reads many inboxes with one command. A document in it that cannot be read, because others have written it, is
 * nobody's trouble but its own: then each is read by itself, within the same time.
 */
export async function readInboxes(
  attempt: Attempt,
  callers: readonly Caller[],
  read: ReadDocuments,
): Promise<Answered<Inbox | null>[]> {
  const [only] = callers;
  if (only !== undefined && callers.length === 1) {
    const found = await findOne(attempt, isParticipant(only), inboxFields(only.userId));
    return [{ value: found === null ? null : read.toInbox(found, only.userId) }];
  }
  try {
    return await readTogether(attempt, callers, read);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return Promise.all(callers.map((caller) => readAlone(attempt, caller, read)));
  }
}

async function readTogether(
  { chats, maxTimeMS }: Attempt,
  callers: readonly Caller[],
  read: ReadDocuments,
): Promise<Answered<Inbox | null>[]> {
  const ids = new Map<string, ObjectId>();
  for (const { chatToken } of callers) ids.set(chatToken, toId(chatToken));
  const userIds = callers.map(({ userId }) => toId(userId));
  const options = { maxTimeMS, projection: inboxesFields(userIds), batchSize: ids.size + 1 };
  const found = await chats
    .find<InboxesDocument>({ _id: { $in: [...ids.values()] } }, options)
    .toArray();
  return answerEach(callers, found, (document, userId) =>
    read.toInbox(ofOne(document, userId), userId),
  );
}

/** What reading this participant's inbox alone would have found. */
function ofOne(document: InboxesDocument, userId: string): InboxDocument {
  const mine = document.messages.filter(({ user_token: id }) => id.toHexString() === userId);
  const others = document.messages.filter(
    ({ user_token: id, system }) =>
      id.toHexString() !== userId && (system as boolean | undefined) !== true,
  );
  return { ...document, messages: mine, waiting: others.length + document.waiting_unread };
}

async function readAlone(
  attempt: Attempt,
  caller: Caller,
  read: ReadDocuments,
): Promise<Answered<Inbox | null>> {
  try {
    const found = await findOne(attempt, isParticipant(caller), inboxFields(caller.userId));
    return { value: found === null ? null : read.toInbox(found, caller.userId) };
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return { error: error as Error };
  }
}
