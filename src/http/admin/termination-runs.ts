import type { Queue } from 'bullmq';
import { z } from 'zod';
import type { Clock } from '../../chat/clock.ts';

const reportSchema = z.object({
  expired: z.number(),
  removed: z.number(),
  milliseconds: z.number(),
});

/** What a finished run did. */
export type Report = z.infer<typeof reportSchema>;

/** The queue that workers take the job from. The job needs no data: what is over, the store knows. */
export type TerminationQueue = Queue<null, Report>;

/**
 * What the operator hears about a run; `unreachable`: the queue does not answer, `waiting`: no worker
 * has taken it yet.
 */
export type RunResult =
  | ({ readonly outcome: 'done' } & Readonly<Report>)
  | { readonly outcome: 'unreachable' | 'waiting' | 'running' | 'failed' };

/** Runs the termination job now. Resolves within a time limit, whatever the job does, and never rejects. */
export type RunTermination = () => Promise<RunResult>;

export interface RunOptions {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds that an operator waits for the page at the most. */
const TIME_LIMIT = 15_000;

/** Milliseconds between two looks at a job in the queue. */
const LOOK_INTERVAL = 200;

/** Embedded: runs it in this process. Whoever asks while it runs hears of the same run. */
export function runHere(terminate: () => Promise<Report>, options: RunOptions): RunTermination {
  let running: Promise<RunResult> | undefined;
  return async () => {
    running ??= orFailed(terminate().then(done), options).finally(() => (running = undefined));
    return (await withinTimeLimit(running, options)) ?? { outcome: 'running' };
  };
}

/** Distributed: asks for it in the queue and follows what a worker makes of it. */
export function runInQueue(queue: TerminationQueue, options: RunOptions): RunTermination {
  return async () => {
    const following: Following = { stage: 'unreachable', isOver: false };
    const result = orFailed(follow(queue, following, options), options);
    const heard = await withinTimeLimit(result, options);
    following.isOver = true;
    return heard ?? { outcome: following.stage };
  };
}

interface Following {
  stage: 'unreachable' | 'waiting' | 'running';
  isOver: boolean;
}

/** Looks again and again: one job every now and then is not worth a connection that waits for events. */
async function follow(
  queue: TerminationQueue,
  following: Following,
  { clock }: RunOptions,
): Promise<RunResult> {
  // Once: an operator who waits wants to hear of a failure, and the next run on schedule comes anyway.
  const { id = '' } = await queue.add(queue.name, null, { attempts: 1 });
  following.stage = 'waiting';
  for (;;) {
    // First the state, then the job: the other way round the result might not be in it yet.
    const state = await queue.getJobState(id);
    if (state === 'completed')
      return done(reportSchema.parse((await queue.getJob(id))?.returnvalue));
    if (state === 'failed') throw new Error((await queue.getJob(id))?.failedReason);
    if (state === 'unknown') throw new Error('The job is gone');
    if (state === 'active') following.stage = 'running';
    if (following.isOver) return { outcome: following.stage };
    await new Promise<void>((resolve) => clock.after(LOOK_INTERVAL, resolve));
  }
}

const done = ({ expired, removed, milliseconds }: Report): RunResult => ({
  outcome: 'done',
  expired,
  removed,
  milliseconds,
});

async function orFailed(result: Promise<RunResult>, { onError }: RunOptions): Promise<RunResult> {
  try {
    return await result;
  } catch (error) {
    onError(error);
    return { outcome: 'failed' };
  }
}

/** `null`: the time is over. */
async function withinTimeLimit<T>(result: Promise<T>, { clock }: RunOptions): Promise<T | null> {
  let cancel = (): void => undefined;
  const over = new Promise<null>((resolve) => {
    cancel = clock.after(TIME_LIMIT, () => {
      resolve(null);
    });
  });
  try {
    return await Promise.race([result, over]);
  } finally {
    cancel();
  }
}
