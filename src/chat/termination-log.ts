import type { TerminationReport } from './terminate-chats.ts';

/** A finished run of the termination job. */
export interface FinishedRun extends TerminationReport {
  /** When it was over, in ms since the epoch. */
  readonly at: number;
}

/** What is known of whoever runs the termination job. Times are ms since the epoch; `null`: never, or not known. */
export interface TerminationState {
  /** The last sign of life of a worker; `undefined` where the server runs the job itself. */
  readonly workerSeenAt: number | null | undefined;
  readonly lastRun: FinishedRun | null;
}

/**
 * Where finished runs are noted, so that whoever looks after the service can tell that the job runs.
 * Noting never fails: it is for looking at, and the job does not depend on it.
 */
export interface TerminationLog {
  note(run: FinishedRun): Promise<void>;
  /** Rejects when it cannot be known now. */
  read(): Promise<TerminationState>;
}
