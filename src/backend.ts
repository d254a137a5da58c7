import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import type { ChatStore } from './chat/chat-store.ts';
import type { MakeCounter } from './chat/counter.ts';
import type { ExpiringValues } from './chat/expiring-values.ts';
import type { Operations } from './chat/operations.ts';
import type { TerminationLog } from './chat/termination-log.ts';
import type { RunOptions, RunTermination, Terminate } from './chat/termination-run.ts';
import type { TypingSignals } from './chat/typing.ts';
import type { WakeBus } from './chat/wake-bus.ts';
import type { TerminationQueue } from './distributed/queue/termination-queue.ts';

export interface ScheduleOptions {
  /** Cron expression, UTC. */
  readonly schedule: string;
  readonly onError: (error: unknown) => void;
}

export interface WorkOptions {
  /** Cron expression, UTC. */
  readonly schedule: string;
  readonly signal: AbortSignal;
}

/** What one mode runs on. */
export interface Backend {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly typing: TypingSignals;
  readonly expiringValues: ExpiringValues;
  readonly makeCounter: MakeCounter;
  /** Where finished runs of the termination job are noted, for whoever looks after the service. */
  readonly terminationLog: TerminationLog;
  /** Resolves when a wake-up would have gone out and come back; rejects when it would not. */
  readonly pingWake: () => Promise<void>;
  /** How an operator has the termination job run at once, wherever this mode runs it. */
  readonly runTermination: (terminate: Terminate, options: RunOptions) => RunTermination;
  /** Runs the job on its schedule in this process, where no workers do; gives how to stop. */
  readonly scheduleTermination?: (
    terminate: Terminate,
    options: ScheduleOptions,
  ) => () => Promise<void>;
  /** What a worker process does, where there are workers; resolves when it has been told to stop. */
  readonly work?: (terminate: Terminate, options: WorkOptions) => Promise<void>;
  /** The queue of the workers, for looking at, where there are workers; opens it. */
  readonly openQueue?: () => TerminationQueue;
  /** Takes what an operator asks from the shell, where other processes cannot do it; gives how to stop. */
  readonly answerOperators?: (operations: Operations) => Promise<() => void>;
  readonly disconnect: () => Promise<void>;
}

/**
 * Opens the backend of the mode that the settings name, and loads nothing of the other one. Servers that are
 * away do not keep it from opening: what needs them fails until they are back, and says so to `logger`.
 *
 * @throws Error when a setting cannot be used: a malformed URI, a directory that cannot be written
 */
export async function openBackend(settings: Settings, logger: Logger): Promise<Backend> {
  if (settings.mode === 'embedded') {
    const { openEmbedded } = await import('./embedded/backend.ts');
    return openEmbedded(settings, (error) => {
      if (error === null) logger.info('storage is back');
      else logger.error({ error }, 'storage is away');
    });
  }
  const { openDistributed } = await import('./distributed/backend.ts');
  return openDistributed(settings, logger);
}

/**
 * The operations of a running server, where only that one can do them; `null`: whoever asks opens the backend.
 *
 * @throws Error when there is one that this user may not ask
 */
export async function askRunningServer({ mode, dataDir }: Settings): Promise<Operations | null> {
  if (mode !== 'embedded') return null;
  const { askServer } = await import('./embedded/operators/ask-server.ts');
  return askServer(dataDir);
}
