import {
  hearOf,
  type RunOptions,
  type RunResult,
  type RunTermination,
  type Terminate,
} from '../chat/termination-run.ts';

/** Runs the termination job in this process. Whoever asks while it runs hears of the same run. */
export function runHere(terminate: Terminate, options: RunOptions): RunTermination {
  let running: Promise<RunResult> | undefined;
  const run = async (): Promise<RunResult> => {
    try {
      return { outcome: 'done', ...(await terminate()) };
    } finally {
      running = undefined;
    }
  };
  return () => {
    running ??= run();
    return hearOf(running, () => ({ outcome: 'running' }), options);
  };
}
