import type { FinishedRun, TerminationLog } from '../chat/termination-log.ts';

/** Of the one process that there is. */
export function createTerminationLogInMemory(): TerminationLog {
  let lastRun: FinishedRun | null = null;
  return {
    note: (run) => {
      lastRun = run;
      return Promise.resolve();
    },
    read: () => Promise.resolve({ workerSeenAt: undefined, lastRun }),
  };
}
