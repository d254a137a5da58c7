import { AllPollers, type LongPollerOptions } from './held/all-pollers.ts';
import { OnePoller } from './held/one-poller.ts';
import type { Poller, Polling } from './held/polling.ts';

/** Holds requests until there is news (protocol.md, "receive (long poll)"). */
export interface LongPoller {
  /** Milliseconds that a request is held at the most. */
  readonly longestHoldMs: number;
  /** How many requests are held now. */
  size(): number;
  /** How many of them have read and wait now. */
  waiting(): number;
  open<Answer>(polling: Polling<Answer>): Poller;
  /** Answers every held request, and holds none from now on. One that waits for news is not read again. */
  stop(): void;
  isStopping(): boolean;
}

/**
 * A held request subscribes, then reads, and so misses nothing that happens in between. It ends in
 * one of five ways: there is news; `sleepMs × iterations` are over; the client has gone; the server
 * stops; the check throws. Every ending is cleaned up in one place.
 *
 * It reads again when it is woken for something that it watches, when time alone changes its answer, and at its
 * end. Only while the bus is out of order all of them look every `sleepMs`, together.
 */
export function createLongPoller(options: LongPollerOptions): LongPoller {
  const all = new AllPollers(options);
  return {
    longestHoldMs: all.longestHoldMs,
    size: () => all.held,
    waiting: () => all.waiting(),
    open: (polling) => new OnePoller(all, polling),
    stop: () => {
      all.stop();
    },
    isStopping: () => all.isStopping,
  };
}
