import type { Clock } from '../../chat/clock.ts';
import type { TerminationReport } from '../../chat/terminate-chats.ts';
import {
  hearOf,
  type RunOptions,
  type RunResult,
  type RunTermination,
} from '../../chat/termination-run.ts';
import type { TerminationQueue } from './termination-queue.ts';

/** Milliseconds between two checks of a job in the queue. */
const CHECK_INTERVAL_MS = 200;

/** Asks for the job in the queue and follows what a worker makes of it. */
export function runInQueue(
  openQueue: () => Promise<TerminationQueue>,
  options: RunOptions,
): RunTermination {
  return async () => {
    const following: Following = { stage: 'unreachable', isOver: false };
    const run = openQueue().then((queue) => follow(queue, following, options.clock));
    return hearOf(
      run,
      () => {
        following.isOver = true;
        return { outcome: following.stage };
      },
      options,
    );
  };
}

interface Following {
  stage: 'unreachable' | 'waiting' | 'running';
  isOver: boolean;
}

/** Checks again and again: one job every now and then is not worth a connection that waits for events. */
async function follow(
  queue: TerminationQueue,
  following: Following,
  clock: Clock,
): Promise<RunResult> {
  // Once: an operator who waits wants to hear of a failure, and the next run on schedule comes anyway.
  const { id = '' } = await queue.add(queue.name, null, { attempts: 1 });
  following.stage = 'waiting';
  for (;;) {
    // First the state, then the job: the other way round the result might not be in it yet.
    const state = await queue.getJobState(id);
    if (state === 'completed') return reportOf((await queue.getJob(id))?.returnvalue);
    if (state === 'failed') throw new Error((await queue.getJob(id))?.failedReason);
    if (state === 'unknown') throw new Error('The job is gone');
    if (state === 'active') following.stage = 'running';
    if (following.isOver) return { outcome: following.stage };
    await new Promise<void>((resolve) => clock.after(CHECK_INTERVAL_MS, resolve));
  }
}

/** What comes out of Redis may have been put there by another version. */
function reportOf(value: Partial<TerminationReport> | undefined): RunResult {
  const { expired, removed, milliseconds } = value ?? {};
  if (expired === undefined || removed === undefined || milliseconds === undefined) {
    throw new Error('The job left no report');
  }
  return { outcome: 'done', expired, removed, milliseconds };
}
