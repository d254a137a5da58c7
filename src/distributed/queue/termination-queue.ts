import { Queue, type DefaultJobOptions, type QueueBaseOptions, type RepeatOptions } from 'bullmq';
import { Cron } from 'croner';
import type { Redis } from 'ioredis';
import type { TerminationReport } from '../../chat/terminate-chats.ts';

/** Name of the queue of the termination job, and of the job in it. */
export const TERMINATION = 'termination';

/** The termination job needs no data: what is over, the store knows. */
export type TerminationQueue = Queue<null, TerminationReport>;

/** Whoever runs or asks for the job says the same of the queue. */
export const queueOptions = {
  // The braces keep all keys of the queue in one slot, which a Redis Cluster demands.
  prefix: '{sfchat}',
  settings: { repeatStrategy: nextRun },
} satisfies Omit<QueueBaseOptions, 'connection'> & { prefix: string; settings: object };

/** A job that fails is tried again after 2, 4, 8 and 16 seconds; then the next one on schedule follows. */
export const jobOptions: DefaultJobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 2000 },
  removeOnComplete: { count: 100 },
  removeOnFail: { count: 100 },
};

/** The queue through which the termination job is asked for. The connection stays its opener's. */
export function openTerminationQueue(connection: Redis): TerminationQueue {
  const queue: TerminationQueue = new Queue(TERMINATION, {
    ...queueOptions,
    connection,
    defaultJobOptions: jobOptions,
  });
  // The connection reports its own troubles.
  return queue.on('error', () => undefined);
}

/**
 * When a schedule is due next after a time, in ms since the epoch. The same reader of cron expressions
 * as in embedded mode, so that a schedule means the same in both.
 */
function nextRun(after: number, { pattern }: RepeatOptions): number | undefined {
  if (pattern === undefined) return undefined;
  const cron = new Cron(pattern, { timezone: 'UTC', paused: true });
  return cron.nextRun(new Date(after))?.getTime();
}
