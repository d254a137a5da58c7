import { randomInt } from 'node:crypto';
import type { Filter, ObjectId } from 'mongodb';
import type { Chat } from '../../chat/chat.ts';
import { StorageUnavailable } from '../../chat/failures.ts';
import type { Token } from '../../protocol.ts';
import type { Attempt, MongoConnection } from './connection.ts';
import { chatFields, toId, type ChatDocument, type ReadDocuments } from './documents.ts';
import { findOne, update } from './operations.ts';
import * as steps from './updates/forsaken-drafts.ts';
import { isClosedAndEmpty } from './updates/life.ts';
import { remember } from './used-invitations.ts';

/** Of the oldest drafts, how many are looked through for one that gives way. */
const CANDIDATES = 10_000;

/** How many are tried before the drafts are looked through again: others make room at the same time. */
const TRIED_AT_ONCE = 20;

/** Removes a chat, if it still is what the guard demands. Gives whether it was this that removed it. */
export async function removeOne(
  attempt: Attempt,
  chatToken: Token,
  at: number,
  guard: Filter<ChatDocument> = {},
): Promise<boolean> {
  const { chats, maxTimeMS } = attempt;
  const _id = toId(chatToken);
  await remember(attempt, [_id], at);
  const { deletedCount } = await chats.deleteOne({ ...guard, _id }, { maxTimeMS });
  return deletedCount === 1;
}

/** A chat that is over disappears with its last message. Should that fail, a worker will find it. */
export async function removeIfDone(
  connection: MongoConnection,
  chatToken: Token,
  at: number,
): Promise<void> {
  try {
    await connection.run((attempt) => removeOne(attempt, chatToken, at, isClosedAndEmpty));
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
  }
}

/** Removes up to `limit` chats of which the filter, once true, stays true. */
export async function removePage(
  attempt: Attempt,
  filter: Filter<ChatDocument>,
  { at, limit }: { readonly at: number; readonly limit: number },
): Promise<{ readonly found: number; readonly deleted: number }> {
  const { chats, maxTimeMS } = attempt;
  const options = { maxTimeMS, projection: { _id: 1 }, limit, batchSize: limit };
  const page = await chats.find(filter, options).toArray();
  if (page.length === 0) return { found: 0, deleted: 0 };
  const ids = page.map(({ _id }) => _id);
  await remember(attempt, ids, at);
  // What is finished stays finished, so the ids say it all.
  const { deletedCount } = await chats.deleteMany({ _id: { $in: ids } }, { maxTimeMS });
  return { found: page.length, deleted: deletedCount };
}

/**
 * The drafts that give way first. Sorted without an index, which polling would have to maintain: it happens
 * only when the service is full. The drafts to be sorted are found by an index, and no more than
 * `CANDIDATES` of them.
 */
export async function findForsaken(
  { chats, maxTimeMS }: Attempt,
  notSeenSince: number,
): Promise<ObjectId[]> {
  const pipeline = steps.findForsaken(notSeenSince, {
    candidates: CANDIDATES,
    limit: TRIED_AT_ONCE,
  });
  const found = await chats.aggregate<{ _id: ObjectId }>(pipeline, { maxTimeMS }).toArray();
  return found.map(({ _id }) => _id);
}

/**
 * The same in any order. Who finds the first draft taken is one of many who look for room at once; were they
 * all to try the next one, only one of them would get it again.
 */
export const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => ({ item, place: randomInt(2 ** 32) }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);

/**
 * Has a draft give way if nobody has joined it and its creator has not come back; gives it as it was. It is
 * closed in this one step and deleted later: were it remembered and deleted, a creator who comes back in
 * between would keep a chat whose invitation is over.
 */
export async function giveWay(
  attempt: Attempt,
  _id: ObjectId,
  { at, notSeenSince }: { readonly at: number; readonly notSeenSince: number },
  { toChat }: ReadDocuments,
): Promise<Chat | null> {
  const guard = { ...steps.isForsaken(notSeenSince), _id };
  const found = await update(attempt, guard, steps.giveWay(at), {
    returnDocument: 'before',
    projection: chatFields,
  });
  if (found !== null) return toChat(found);
  if (!attempt.isRepeat) return null;
  // An earlier attempt of this call may have closed it.
  const closed = await findOne(attempt, { ...steps.hasGivenWay(at), _id });
  return closed === null ? null : { ...toChat(closed), status: 'draft', closed: null };
}
