import type { Db, IndexDescription } from 'mongodb';
import type { Timing } from '../../chat/chat.ts';
import { USED_INVITATION_MS } from '../../protocol.ts';
import { CHATS, USED_INVITATIONS } from './documents.ts';
import { isIndexConflict, isIndexMissing } from './errors.ts';

type Index = IndexDescription & { readonly name: string };

/** Milliseconds after which the TTL index removes a chat that no worker has removed: a worker had that long. */
const SAFETY_MARGIN_MS = 60 * 60 * 1000;

/** The longest time that a TTL index takes, in seconds. */
const LONGEST_TTL = 2 ** 31 - 1;

/** Processes that start at once may change the index for each other; it settles within a few rounds. */
const ROUNDS = 5;

/**
 * The indexes of `chats`, apart from `_id_`. None covers a field that sending, polling or
 * acknowledging changes, so the hot paths touch no index.
 *
 * | index | keys | for |
 * |---|---|---|
 * | `lifetime` | `created` (TTL: lifetime + grace + one hour) | the safety net below the worker; removing old chats |
 * | `finished` | `status, closed` | removing closed chats; counting by status |
 * | `newest` | `created, _id` descending | the operators' list; backwards, chats over their lifetime |
 * | `newest_by_status` | `status`, then `created, _id` descending | the operators' list of one status; backwards, drafts that give way |
 *
 * @param ttl of a chat, in seconds
 */
const chatIndexes = (ttl: number): Index[] => [
  { name: 'lifetime', key: { created: 1 }, expireAfterSeconds: ttl },
  { name: 'finished', key: { status: 1, closed: 1 } },
  { name: 'newest', key: { created: -1, _id: -1 } },
  { name: 'newest_by_status', key: { status: 1, created: -1, _id: -1 } },
];

/** The index of `used_invitations`: a hash is forgotten whether or not a worker runs. */
const usedInvitationIndexes: Index[] = [
  { name: 'memory', key: { removed: 1 }, expireAfterSeconds: USED_INVITATION_MS / 1000 },
];

/** When the TTL index removes a chat, in seconds after it was created. */
const ttlOf = ({ chatLifetimeMs, closedGraceMs }: Timing): number =>
  Math.min(LONGEST_TTL, Math.ceil((chatLifetimeMs + closedGraceMs + SAFETY_MARGIN_MS) / 1000));

/**
 * Creates what is missing and gives the TTL index the time of these settings. Any number of processes
 * may do it at once, with the same settings or others; the last one wins.
 *
 * @throws Error of the driver when the indexes cannot be made
 */
export async function ensureIndexes(db: Db, timing: Timing): Promise<void> {
  await ensureIndexesOf(db, CHATS, chatIndexes(ttlOf(timing)));
  await ensureIndexesOf(db, USED_INVITATIONS, usedInvitationIndexes);
}

async function ensureIndexesOf(
  db: Db,
  collection: string,
  wanted: readonly Index[],
): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await db.collection(collection).createIndexes([...wanted]);
      return;
    } catch (error) {
      if (!isIndexConflict(error) || round === ROUNDS) throw error;
      const isChanged = round === 1 && (await changeTtl(db, collection, wanted));
      if (!isChanged) await dropConflicting(db, collection, wanted);
    }
  }
}

/** `false`: it could not be changed in place; not every user of a database may. */
async function changeTtl(db: Db, collMod: string, wanted: readonly Index[]): Promise<boolean> {
  try {
    for (const { name, expireAfterSeconds } of wanted) {
      if (expireAfterSeconds === undefined) continue;
      await db.command({ collMod, index: { name, expireAfterSeconds } });
    }
    return true;
  } catch {
    return false;
  }
}

/** Drops indexes that have the name or the keys of one that is wanted, but not both and its options. */
async function dropConflicting(
  db: Db,
  collection: string,
  wanted: readonly Index[],
): Promise<void> {
  const keysOf = ({ key }: IndexDescription): string => JSON.stringify(key);
  for (const existing of (await db.collection(collection).listIndexes().toArray()) as Index[]) {
    const { name, expireAfterSeconds } = existing;
    const rival = wanted.find((index) => index.name === name || keysOf(index) === keysOf(existing));
    const isSame =
      rival?.name === name &&
      keysOf(rival) === keysOf(existing) &&
      rival.expireAfterSeconds === expireAfterSeconds;
    // Another process may have dropped it a moment ago.
    if (rival !== undefined && !isSame) await dropIfThere(db, collection, name);
  }
}

const dropIfThere = async (db: Db, collection: string, name: string): Promise<void> => {
  try {
    await db.collection(collection).dropIndex(name);
  } catch (error) {
    if (!isIndexMissing(error)) throw error;
  }
};
