import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { readSettings, SettingsError, type Settings } from '../config/settings.ts';
import { openBackend, type Backend } from '../src/backend.ts';
import { systemClock } from '../src/chat/clock.ts';
import { describe } from '../src/describe-error.ts';
import { createLogger } from '../src/process/logger.ts';
import { timingOf } from '../src/timing.ts';
import { connectRedis } from '../src/distributed/redis/connection.ts';
import { evictionRefusal } from '../src/distributed/redis/eviction-policy.ts';
import { terminateChats, type Progress, type TerminationReport } from '../src/chat/terminate-chats.ts';
import { keepSchedule } from '../src/distributed/queue/termination-schedule.ts';
import { queueOptions, TERMINATION, type TerminationQueue } from '../src/distributed/queue/termination-queue.ts';

/**
 * Milliseconds that a job stays this worker's without a sign of life; it gives one twice in that time.
 * Another worker takes over what a killed one has begun after this and a stall check.
 */
const LOCK_DURATION = 10_000;
const STALL_CHECK_INTERVAL = 5000;

/** Milliseconds between two reports of a job's progress. */
const REPORT_INTERVAL = 1000;

/** Milliseconds for the batch at hand, and for telling Redis, when the process is told to stop. */
const STOP_TIMEOUT = 5000;

/** `npm run worker`: runs the termination job when it is due or asked for. Any number may run. */
try {
  await start(readSettings());
} catch (error) {
  refuse(error instanceof SettingsError ? error.mistakes.join('\n') : String(error));
}

async function start(settings: Settings): Promise<void> {
  const { mode, redisUrl: url = '', terminationSchedule: schedule } = settings;
  if (mode === 'embedded') {
    refuse('SFCHAT_MODE=embedded: the server runs the termination job itself and needs no worker.');
  }
  const logger = createLogger(settings.logLevel);
  const stopping = new AbortController();
  onStopSignal(() => {
    stopping.abort();
  });
  const redis = connectRedis({ url, name: 'worker', logger, waits: true });
  const refusal = await orAborted(evictionRefusal(redis), stopping.signal);
  if (refusal !== null) refuse(refusal);

  const backend = await openBackend(settings, logger);
  const queue = queueOf(backend);
  const stopSchedule = keepSchedule({ queue, redis, schedule, logger });
  const worker = run(redis, { settings, backend, logger, signal: stopping.signal });
  logger.info({ schedule }, 'worker is ready');

  await aborted(stopping.signal);
  logger.info('stopping');
  stopSchedule();
  // Redis may be away: what it is not told it finds out by the lock that nobody renews.
  await Promise.race([worker.close(), after(STOP_TIMEOUT)]);
  redis.disconnect();
  await Promise.race([backend.disconnect(), after(STOP_TIMEOUT)]);
  logger.info('stopped');
  process.exit(0);
}

interface JobParts {
  readonly settings: Settings;
  readonly backend: Backend;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

function run(redis: Redis, parts: JobParts): Worker<null, TerminationReport> {
  const { logger } = parts;
  const worker = new Worker<null, TerminationReport>(TERMINATION, (job) => terminate(job, parts), {
    ...queueOptions,
    connection: redis,
    lockDuration: LOCK_DURATION,
    stalledInterval: STALL_CHECK_INTERVAL,
    // The job may be begun any number of times; one that keeps killing its workers ends as failed.
    maxStalledCount: 3,
  });
  worker.on('failed', (job, error) => {
    const about = { job: job?.id, attempt: job?.attemptsMade };
    logger.error({ ...about, error: describe(error) }, 'job failed');
  });
  worker.on('stalled', (job) => {
    logger.warn({ job }, 'job taken over from a worker that is gone');
  });
  // Without a listener an error would end the process; the connection tells of Redis going away.
  worker.on('error', (error) => {
    logger.debug({ error: describe(error) }, 'worker error');
  });
  return worker;
}

async function terminate(
  job: Job<null, TerminationReport>,
  { settings, backend, logger, signal }: JobParts,
): Promise<TerminationReport> {
  const { store, wakeBus } = backend;
  const report = await terminateChats({
    store,
    wakeBus,
    signal,
    clock: systemClock,
    timing: timingOf(settings),
    onProgress: reporting(job, logger),
  });
  // However short it was, its last word is there to read.
  const { expired, removed } = report;
  job.updateProgress({ expired, removed }).catch(() => undefined);
  const hasDone = expired + removed > 0;
  logger[hasDone ? 'info' : 'debug']({ job: job.id, ...report }, 'terminated chats');
  return report;
}

/** Reports progress to Redis and to the log, seldom enough to cost nothing. */
function reporting(job: Job, logger: Logger): (progress: Progress) => void {
  let reported = Date.now();
  return ({ expired, removed }) => {
    if (Date.now() - reported < REPORT_INTERVAL) return;
    reported = Date.now();
    logger.info({ job: job.id, expired, removed }, 'terminating chats');
    // Nobody waits for it: while Redis is away the job goes on.
    job.updateProgress({ expired, removed }).catch(() => undefined);
  };
}

function queueOf({ termination }: Backend): TerminationQueue {
  if (termination === undefined) throw new Error('This mode has no queue');
  return termination.queue;
}

/** Says why and ends the process. */
function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

function onStopSignal(stop: () => void): void {
  let isStopping = false;
  const handle = (): void => {
    // A second signal is somebody who does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    stop();
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

/** Ends the process when it is told to stop while it still waits for something. */
async function orAborted<Result>(awaited: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let isWaiting = true;
  const stopped = aborted(signal).then(() => {
    if (isWaiting) process.exit(0);
  });
  await Promise.race([awaited, stopped]);
  isWaiting = false;
  return awaited;
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
