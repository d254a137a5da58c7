import type { Redis } from 'ioredis';
import type { FinishedRun, TerminationLog } from '../../chat/termination-log.ts';

/** A hash that all processes share. It says nothing of any chat, and it is as lasting as Redis is. */
const KEY = 'sfchat:termination';

/** The log of all workers, in which they also leave signs of life. */
export interface SharedTerminationLog extends TerminationLog {
  /** A worker lives, and takes jobs. Never fails. */
  noteWorker(at: number): Promise<void>;
}

/**
 * Keeps the last run and the last sign of life of a worker in Redis. What was read once is remembered: a
 * Redis that was emptied does not undo a run, nor is a worker dead until it gives the next sign.
 *
 * @param redis a connection whose commands fail at once while Redis is away
 */
export function createRedisTerminationLog(redis: Redis): SharedTerminationLog {
  let remembered: FinishedRun | null = null;
  let lastSeenAt: number | null = null;
  return {
    note: async (run) => {
      await redis.hset(KEY, 'run', JSON.stringify(run)).catch(() => undefined);
    },
    noteWorker: async (at) => {
      await redis.hset(KEY, 'seen', at).catch(() => undefined);
    },
    read: async () => {
      const [seen = null, run = null] = await redis.hmget(KEY, 'seen', 'run');
      remembered = newest(remembered, runOf(run));
      if (seen !== null) lastSeenAt = Number(seen);
      return { workerSeenAt: lastSeenAt, lastRun: remembered };
    },
  };
}

const newest = (one: FinishedRun | null, other: FinishedRun | null): FinishedRun | null =>
  (other?.at ?? 0) > (one?.at ?? 0) ? other : one;

/** What comes out of Redis may have been put there by another version. */
function runOf(text: string | null): FinishedRun | null {
  if (text === null) return null;
  const value = JSON.parse(text) as Partial<FinishedRun> | null;
  const { at, expired, removed, milliseconds } = value ?? {};
  const isWhole = [at, expired, removed, milliseconds].every((each) => typeof each === 'number');
  return isWhole ? (value as FinishedRun) : null;
}
