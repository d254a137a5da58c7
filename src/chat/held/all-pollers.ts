import type { Clock } from '../clock.ts';
import { repeat } from '../repeat.ts';
import { ANYTHING, type Changes, type WakeBus } from '../wake-bus.ts';

export interface LongPollerOptions {
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  /** Milliseconds between fallback checks while wake-ups do not travel. */
  readonly sleepMs: number;
  /** So many times `sleepMs` a request is held at the most. */
  readonly iterations: number;
}

/** What all of them have in common, whatever they are answered with. */
interface AnyPoller {
  readonly isHolding: boolean;
  readonly isWaiting: boolean;
  ring(changes: Changes): void;
  stop(): void;
}

/** All that are open; while wake-ups do not travel, all of them look every `sleepMs`. */
export class AllPollers {
  readonly options: LongPollerOptions;
  readonly longestHoldMs: number;
  isStopping = false;
  /** How many of them hold a request. */
  held = 0;
  readonly #open = new Set<AnyPoller>();
  #stopTicking: (() => void) | null = null;

  constructor(options: LongPollerOptions) {
    this.options = options;
    this.longestHoldMs = options.sleepMs * options.iterations;
  }

  /** How many have read and wait now. */
  waiting(): number {
    let count = 0;
    for (const poller of this.#open) count += poller.isWaiting ? 1 : 0;
    return count;
  }

  add(poller: AnyPoller): void {
    this.#open.add(poller);
    this.#stopTicking ??= this.#tick();
  }

  delete(poller: AnyPoller): void {
    this.#open.delete(poller);
    if (this.#open.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }

  stop(): void {
    this.isStopping = true;
    for (const poller of this.#open) if (poller.isHolding) poller.stop();
  }

  #tick(): () => void {
    const { clock, sleepMs, wakeBus } = this.options;
    return repeat(clock, sleepMs, () => {
      if (wakeBus.isHealthy()) return;
      for (const poller of this.#open) if (poller.isHolding) poller.ring(ANYTHING);
    });
  }
}
