import type { ObjectId } from 'mongodb';
import type { Token } from '../../protocol.ts';
import type { Attempt } from './connection.ts';
import { toUsedId } from './documents.ts';
import { isDuplicateKey } from './errors.ts';

/**
 * What stays of removed chats: a hash of the token and a time, in a collection of its own.
 *
 * A hash is written first and the chat deleted after it. Whoever is killed in between leaves a chat that is
 * over and remembered, and the next run deletes it; the other way round a token would be free at once.
 */

/** Whether a chat with this token was removed after a time. */
export async function isUsed(
  { usedInvitations, maxTimeMS }: Attempt,
  chatToken: Token,
  after: number,
): Promise<boolean> {
  const filter = { _id: toUsedId(chatToken), removed: { $gt: new Date(after) } };
  return (await usedInvitations.findOne(filter, { maxTimeMS, projection: { _id: 1 } })) !== null;
}

/** Remembers chats that are about to be deleted. */
export async function remember(
  { usedInvitations, maxTimeMS }: Attempt,
  chatIds: readonly ObjectId[],
  at: number,
): Promise<void> {
  const updates = chatIds.map((id) => ({
    updateOne: {
      filter: { _id: toUsedId(id.toHexString()) },
      update: { $max: { removed: new Date(at) } },
      upsert: true,
    },
  }));
  const write = () => usedInvitations.bulkWrite(updates, { ordered: false, maxTimeMS });
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // Another process remembers the same chats and was faster: now there is something to update.
    await write();
  }
}

/** Forgets what was removed at or before a time. */
export async function forget(
  { usedInvitations, maxTimeMS }: Attempt,
  removedBefore: number,
): Promise<void> {
  await usedInvitations.deleteMany({ removed: { $lte: new Date(removedBefore) } }, { maxTimeMS });
}
