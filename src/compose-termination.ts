import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import type { Backend } from './backend.ts';
import { systemClock, type Clock } from './chat/clock.ts';
import { terminateChats } from './chat/terminate-chats.ts';
import type { Terminate } from './chat/termination-run.ts';
import type { Metrics } from './http/ops/metrics.ts';

export interface TerminationSurroundings {
  readonly backend: Pick<Backend, 'store' | 'wakeBus' | 'terminationLog'>;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Where there is somebody to read them. */
  readonly metrics?: Metrics;
}

/** Puts the termination job together, for whoever runs it: the server, a worker, an operator. */
export function composeTermination(
  timing: Settings,
  { backend, logger, metrics, clock = systemClock }: TerminationSurroundings,
): Terminate {
  const { store, wakeBus, terminationLog } = backend;
  return async (options) => {
    const report = await terminateChats({ store, wakeBus, clock, timing, ...options });
    metrics?.observeTermination(report);
    if (options?.signal?.aborted !== true) {
      await terminationLog.note({ ...report, at: clock.now() });
    }
    const hasDone = report.expired + report.removed > 0;
    logger[hasDone ? 'info' : 'debug'](report, 'terminated chats');
    return report;
  };
}
