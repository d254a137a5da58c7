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
    const run = openQueue().then((queue) => follow(queue, following, options));
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
  { clock, onError }: RunOptions,
): Promise<RunResult> {
  try {
    // Once: an operator who waits wants to hear of a failure, and the next run on schedule comes anyway.
    const { id = '' } = await queue.add(queue.name, null, { attempts: 1 });
    following.stage = 'waiting';
    for (;;) {
      const seen = await look(queue, id);
      if (seen.state === 'active') following.stage = 'running';
      const result = resultOf(seen);
      if (result !== null) return result;
      if (following.isOver) return { outcome: following.stage };
      await new Promise<void>((resolve) => clock.after(CHECK_INTERVAL_MS, resolve));
    }
  } catch (error) {
    if (error instanceof JobFailed) throw error;
    onError(error);
    return { outcome: following.stage === 'unreachable' ? 'unreachable' : 'lost' };
  }
}

/** The job itself is what failed, and not the way to it. */
class JobFailed extends Error {}

interface Seen {
  readonly state: string;
  readonly job: { readonly returnvalue: unknown; readonly failedReason: string } | undefined;
}

/** First the state, then the job: the other way round the result might not be in it yet. */
async function look(queue: TerminationQueue, id: string): Promise<Seen> {
  const state = await queue.getJobState(id);
  const isOver = state === 'completed' || state === 'failed';
  return { state, job: isOver ? await queue.getJob(id) : undefined };
}

/** @throws JobFailed */
function resultOf({ state, job }: Seen): RunResult | null {
  if (state === 'completed') return reportOf(job?.returnvalue as Partial<TerminationReport>);
  if (state === 'failed') throw new JobFailed(job?.failedReason);
  if (state === 'unknown') throw new JobFailed('The job is gone');
  return null;
}

/** What comes out of Redis may have been put there by another version. */
function reportOf(value: Partial<TerminationReport> | undefined): RunResult {
  const { expired, removed, milliseconds } = value ?? {};
  if (expired === undefined || removed === undefined || milliseconds === undefined) {
    throw new JobFailed('The job left no report');
  }
  return { outcome: 'done', expired, removed, milliseconds };
}
