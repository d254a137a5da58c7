import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { TERMINATION, type TerminationQueue } from './termination-queue.ts';

/** Milliseconds between two checks whether the schedule is still there. */
const CHECK_INTERVAL_MS = 5000;

/** Milliseconds after which a run that was due, and that no worker has begun, counts as lost. */
const OVERDUE_MS = 60_000;

export interface ScheduleKeeperOptions {
  readonly queue: TerminationQueue;
  /** The connection whose every return is a reason to check. */
  readonly redis: Redis;
  /** Cron expression, UTC. */
  readonly schedule: string;
  readonly logger: Logger;
}

/**
 * Puts the schedule of the termination job into Redis, and again whenever it is not there: a Redis that
 * has lost its data has lost the schedule, too, and says nothing about it. Returns how to stop checking.
 *
 * A schedule that is in order is left alone, since putting it anew removes the run that waits.
 */
export function keepSchedule({
  queue,
  redis,
  schedule,
  logger,
}: ScheduleKeeperOptions): () => void {
  let checking: Promise<void> | null = null;
  const check = async (): Promise<void> => {
    if (redis.status !== 'ready' || (await isInOrder(queue, schedule))) return;
    await queue.upsertJobScheduler(
      TERMINATION,
      { pattern: schedule },
      { name: TERMINATION, data: null },
    );
    logger.info({ schedule }, 'scheduled the termination job');
  };
  const ensure = (): void => {
    checking ??= check()
      .catch((error: unknown) => {
        logger.warn({ error }, 'the schedule could not be looked after');
      })
      .finally(() => (checking = null));
  };
  redis.on('ready', ensure);
  const timer = setInterval(ensure, CHECK_INTERVAL_MS);
  ensure();
  return () => {
    redis.off('ready', ensure);
    clearInterval(timer);
  };
}

async function isInOrder(queue: TerminationQueue, schedule: string): Promise<boolean> {
  const scheduler = await queue.getJobScheduler(TERMINATION);
  if (scheduler?.pattern !== schedule || scheduler.next === undefined) return false;
  return scheduler.next > Date.now() - OVERDUE_MS;
}
