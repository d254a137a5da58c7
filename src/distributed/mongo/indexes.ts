import type { Db, IndexDescription } from 'mongodb';
import type { Timing } from '../../chat/chat.ts';
import { CHATS } from './documents.ts';
import { isIndexConflict, isIndexMissing } from './errors.ts';

type Index = IndexDescription & { readonly name: string };

/** Milliseconds after which the TTL index removes a chat that no worker has removed: a worker had that long. */
const SAFETY_MARGIN = 60 * 60 * 1000;

/** The longest time that a TTL index takes, in seconds. */
const LONGEST_TTL = 2 ** 31 - 1;

/** Name of the one index whose options depend on the settings. */
const LIFETIME_INDEX = 'lifetime';

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
 * | `newest_by_status` | `status`, then `created, _id` descending | the operators' list of one status |
 */
export const indexes = (ttl: number): Index[] => [
  { name: LIFETIME_INDEX, key: { created: 1 }, expireAfterSeconds: ttl },
  { name: 'finished', key: { status: 1, closed: 1 } },
  { name: 'newest', key: { created: -1, _id: -1 } },
  { name: 'newest_by_status', key: { status: 1, created: -1, _id: -1 } },
];

/** When the TTL index removes a chat, in seconds after it was created. */
const ttlOf = ({ lifetime, closedGrace }: Pick<Timing, 'lifetime' | 'closedGrace'>) =>
  Math.min(LONGEST_TTL, Math.ceil((lifetime + closedGrace + SAFETY_MARGIN) / 1000));

/**
 * Creates what is missing and gives the TTL index the time of these settings. Any number of processes
 * may do it at once, with the same settings or others; the last one wins.
 *
 * @throws Error of the driver when the indexes cannot be made
 */
export async function ensureIndexes(
  db: Db,
  timing: Pick<Timing, 'lifetime' | 'closedGrace'>,
): Promise<void> {
  const ttl = ttlOf(timing);
  const wanted = indexes(ttl);
  for (let round = 1; ; round++) {
    try {
      await db.collection(CHATS).createIndexes(wanted);
      return;
    } catch (error) {
      if (!isIndexConflict(error) || round === ROUNDS) throw error;
      const isChanged = round === 1 && (await changeTtl(db, ttl));
      if (!isChanged) await dropConflicting(db, wanted);
    }
  }
}

/** `false`: it could not be changed in place; not every user of a database may. */
const changeTtl = (db: Db, expireAfterSeconds: number): Promise<boolean> =>
  db.command({ collMod: CHATS, index: { name: LIFETIME_INDEX, expireAfterSeconds } }).then(
    () => true,
    () => false,
  );

/** Drops indexes that have the name or the keys of one that is wanted, but not both and its options. */
async function dropConflicting(db: Db, wanted: readonly Index[]): Promise<void> {
  const keysOf = ({ key }: IndexDescription): string => JSON.stringify(key);
  for (const existing of (await db.collection(CHATS).listIndexes().toArray()) as Index[]) {
    const { name, expireAfterSeconds } = existing;
    const rival = wanted.find((index) => index.name === name || keysOf(index) === keysOf(existing));
    const isSame =
      rival?.name === name &&
      keysOf(rival) === keysOf(existing) &&
      rival.expireAfterSeconds === expireAfterSeconds;
    // Another process may have dropped it a moment ago.
    if (rival !== undefined && !isSame) await dropIfThere(db, name);
  }
}

const dropIfThere = async (db: Db, name: string): Promise<void> => {
  try {
    await db.collection(CHATS).dropIndex(name);
  } catch (error) {
    if (!isIndexMissing(error)) throw error;
  }
};
