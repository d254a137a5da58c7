import type { Clock } from './clock.ts';
import type { Progress, TerminationReport } from './terminate-chats.ts';

/** The termination job, put together: everything but how to end it early and who hears of its progress. */
export type Terminate = (options?: {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
}) => Promise<TerminationReport>;

/**
 * What an operator hears about a run that was asked for; `unreachable`: the queue does not answer,
 * `waiting`: no worker has taken it yet.
 */
export type RunResult =
  | ({ readonly outcome: 'done' } & TerminationReport)
  | { readonly outcome: 'unreachable' | 'waiting' | 'running' | 'failed' };

/** Runs the termination job now. Resolves within a time limit, whatever the job does, and never rejects. */
export type RunTermination = () => Promise<RunResult>;

export interface RunOptions {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}
