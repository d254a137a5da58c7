import type { UserId } from './chat.ts';

/**
 * Who should look again. A wake-up carries no data, so losing one costs at most one iteration of a
 * held poll and doubling one costs a read.
 *
 * Any adapter must pass `test/contract/wake-bus.ts`.
 */
export interface WakeBus {
  /**
   * Calls `onWake` whenever somebody wakes this participant, from any process, until the returned
   * function is called. Resolves when it is certain that a later wake-up arrives here, or at once if
   * the bus is out of order: waiting then falls back to iterations.
   */
  listen(userId: UserId, onWake: () => void): Promise<() => void>;

  /** Tells whoever listens for this participant to look again. Never fails: it is a hint. */
  wake(userId: UserId): void;

  /** Whether wake-ups travel now. */
  isHealthy(): boolean;

  disconnect(): Promise<void>;
}
