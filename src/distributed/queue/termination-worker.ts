import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Progress, TerminationReport } from '../../chat/terminate-chats.ts';
import type { Terminate } from '../../chat/termination-run.ts';
import { aborted, Refusal } from '../../process/run-process.ts';
import { within } from '../../process/time-limit.ts';
import { evictionRefusal } from '../redis/eviction-policy.ts';
import { queueOptions, TERMINATION, type TerminationQueue } from './termination-queue.ts';
import { keepSchedule } from './termination-schedule.ts';

/**
 * Milliseconds that a job stays this worker's without a sign of life; it gives one twice in that time.
 * Another worker takes over what a killed one has begun after this and a stall check.
 */
const LOCK_DURATION_MS = 10_000;
const STALL_CHECK_INTERVAL_MS = 5000;

/** Milliseconds between two reports of a job's progress. */
const REPORT_INTERVAL_MS = 1000;

/** Milliseconds between two signs of life of a worker. */
const ALIVE_INTERVAL_MS = 5000;

/** Milliseconds for the batch at hand, and for telling Redis, when the worker is told to stop. */
const STOP_TIMEOUT_MS = 5000;

export interface WorkerConnections {
  /** A connection of the worker's own, whose commands wait while Redis is away; closed at the end. */
  readonly redis: Redis;
  /** For keeping the schedule; stays its opener's. */
  readonly queue: TerminationQueue;
  readonly logger: Logger;
}

export interface WorkOptions {
  /** Cron expression, UTC. */
  readonly schedule: string;
  readonly signal: AbortSignal;
  /** Called now and then while the worker takes jobs. */
  readonly onAlive?: () => void;
}

/**
 * Runs the termination job when it is due or asked for, any number of processes at once. Resolves when it
 * has been told to stop and has wound up, within a time limit.
 *
 * @throws Refusal when Redis is set up to lose the queue
 */
export async function workOnQueue(
  terminate: Terminate,
  { schedule, signal, onAlive = ignore }: WorkOptions,
  { redis, queue, logger }: WorkerConnections,
): Promise<void> {
  try {
    const stopped = aborted(signal);
    const refusal = await Promise.race([evictionRefusal(redis), stopped]);
    if (typeof refusal === 'string') throw new Refusal(refusal);
    if (signal.aborted) return;

    const stopSchedule = keepSchedule({ queue, redis, schedule, logger });
    const worker = startWorker(terminate, { redis, logger, signal });
    const stopSigns = giveSigns(worker, onAlive);
    logger.info({ schedule }, 'worker is ready');
    await stopped;
    logger.info('stopping');
    stopSigns();
    stopSchedule();
    // Redis may be away: what it is not told it finds out by the lock that nobody renews.
    await within(STOP_TIMEOUT_MS, worker.close(), () => undefined);
  } finally {
    redis.disconnect();
  }
}

const ignore = (): void => undefined;

/** Signs of life while the worker runs; returns how to end them. */
function giveSigns(worker: Worker, onAlive: () => void): () => void {
  const sign = (): void => {
    if (worker.isRunning()) onAlive();
  };
  const timer = setInterval(sign, ALIVE_INTERVAL_MS);
  worker.once('ready', sign);
  return () => {
    clearInterval(timer);
  };
}

interface JobContext extends Omit<WorkerConnections, 'queue'> {
  readonly signal: AbortSignal;
}

function startWorker(terminate: Terminate, context: JobContext): Worker<null, TerminationReport> {
  const { redis, logger } = context;
  const worker = new Worker<null, TerminationReport>(
    TERMINATION,
    (job) => run(job, terminate, context),
    {
      ...queueOptions,
      connection: redis,
      lockDuration: LOCK_DURATION_MS,
      stalledInterval: STALL_CHECK_INTERVAL_MS,
      // The job may be begun any number of times; one that keeps killing its workers ends as failed.
      maxStalledCount: 3,
    },
  );
  worker.on('failed', (job, error) => {
    logger.error({ job: job?.id, attempt: job?.attemptsMade, error }, 'job failed');
  });
  worker.on('stalled', (job) => {
    logger.warn({ job }, 'job taken over from a worker that is gone');
  });
  // Without a listener an error would end the process; the connection tells of Redis going away.
  worker.on('error', (error) => {
    logger.debug({ error }, 'worker error');
  });
  return worker;
}

async function run(
  job: Job<null, TerminationReport>,
  terminate: Terminate,
  { logger, signal }: JobContext,
): Promise<TerminationReport> {
  const report = await terminate({ signal, onProgress: reporting(job, logger) });
  // However short it was, its last word is there to read.
  const { expired, removed } = report;
  job.updateProgress({ expired, removed }).catch(() => undefined);
  return report;
}

/** Reports progress to Redis and to the log, seldom enough to cost nothing. */
function reporting(job: Job, logger: Logger): (progress: Progress) => void {
  let reported = Date.now();
  return ({ expired, removed }) => {
    if (Date.now() - reported < REPORT_INTERVAL_MS) return;
    reported = Date.now();
    logger.info({ job: job.id, expired, removed }, 'terminating chats');
    // Nobody waits for it: while Redis is away the job goes on.
    job.updateProgress({ expired, removed }).catch(() => undefined);
  };
}
