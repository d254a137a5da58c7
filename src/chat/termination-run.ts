import type { Clock } from './clock.ts';
import type { Progress, TerminationReport } from './terminate-chats.ts';

/** The termination job, put together: everything but how to end it early and who hears of its progress. */
export type Terminate = (options?: {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
}) => Promise<TerminationReport>;

/**
 * What an operator hears about a run that was asked for; `unreachable`: the queue does not answer,
 * `waiting`: no worker has taken it yet, `lost`: the queue has stopped answering since it took it.
 */
export type RunResult =
  | ({ readonly outcome: 'done' } & TerminationReport)
  | { readonly outcome: 'unreachable' | 'waiting' | 'lost' | 'running' | 'failed' };

/** Runs the termination job now. Resolves within a time limit, whatever the job does, and never rejects. */
export type RunTermination = () => Promise<RunResult>;

export interface RunOptions {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds that an operator waits for the page at the most. */
const TIME_LIMIT_MS = 15_000;

/**
 * The result of a run as an operator hears of it: `failed` when it rejects, what `late` gives when the time
 * limit is over first. The run goes on either way.
 */
export async function hearOf(
  run: Promise<RunResult>,
  late: () => RunResult,
  { clock, onError }: RunOptions,
): Promise<RunResult> {
  const result = run.catch((error: unknown): RunResult => {
    onError(error);
    return { outcome: 'failed' };
  });
  let cancel = (): void => undefined;
  const limit = new Promise<RunResult>((resolve) => {
    cancel = clock.after(TIME_LIMIT_MS, () => {
      resolve(late());
    });
  });
  try {
    return await Promise.race([result, limit]);
  } finally {
    cancel();
  }
}
