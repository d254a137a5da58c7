import type { Clock } from '../../chat/clock.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { ChatStore } from '../../chat/chat-store.ts';
import type { MakeCounter } from '../limits.ts';
import { History, totalsOf } from './history.ts';
import {
  runHere,
  runInQueue,
  type Report,
  type RunTermination,
  type TerminationQueue,
} from './termination-runs.ts';

/** What the administration needs of the service. */
export interface AdminParts {
  readonly password: string;
  readonly store: Pick<ChatStore, 'countByStatus' | 'list'>;
  readonly history: History;
  readonly runTermination: RunTermination;
  /** Of the worker; `undefined` when the job runs in this process. */
  readonly queue: TerminationQueue | undefined;
  /** `null`: nothing is limited. */
  readonly makeCounter: MakeCounter | null;
}

export interface AdminSources extends Omit<AdminParts, 'history' | 'runTermination'> {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly terminate: () => Promise<Report>;
  readonly onError: (error: unknown) => void;
}

/** Begins to sample the metrics; `history.stop()` ends that. */
export function adminParts(sources: AdminSources): AdminParts {
  const { password, store, queue, makeCounter, metrics, clock, terminate, onError } = sources;
  const history = new History({ clock, read: totalsOf(metrics) });
  history.start();
  const runTermination =
    queue === undefined
      ? runHere(terminate, { clock, onError })
      : runInQueue(queue, { clock, onError });
  return { password, store, history, runTermination, queue, makeCounter };
}
