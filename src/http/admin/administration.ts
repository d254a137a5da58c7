import type { RequestHandler } from 'express';
import type { ChatStore } from '../../chat/chat-store.ts';
import type { RunTermination } from '../../chat/termination-run.ts';
import type { MakeCounter } from '../../chat/counter.ts';
import type { Capacities, ServiceFacts } from '../ops/service-gauges.ts';
import type { History } from './history.ts';

/** What the administration needs of the service. */
export interface Administration {
  readonly password: string;
  readonly facts: ServiceFacts;
  /** When this process began to serve, in ms since the epoch. */
  readonly startedAt: number;
  /** What of each limit is in use in this process now. */
  readonly usage: () => Capacities;
  readonly store: Pick<ChatStore, 'countByStatus' | 'list'>;
  readonly history: History;
  /** Ends what goes on for it while nobody asks. */
  readonly stop: () => void;
  readonly runTermination: RunTermination;
  /** Of the workers' queue; `undefined` when the job runs in this process. */
  readonly board: RequestHandler | undefined;
  /** `null`: nothing is limited. */
  readonly makeCounter: MakeCounter | null;
}
