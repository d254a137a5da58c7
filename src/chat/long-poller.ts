import type { UserId } from './chat.ts';
import type { Clock } from './clock.ts';
import type { WakeBus } from './wake-bus.ts';

/** What one check on behalf of a held request found. */
export interface Check<Answer> {
  readonly answer: Answer;
  /** There is news: the request is answered now. */
  readonly isNews: boolean;
  /** When the answer will change without a wake-up, in ms since the epoch. */
  readonly changesAt: number;
}

export interface HeldRequest<Answer> {
  /** Whose wake-ups end the waiting. */
  readonly userId: UserId;
  /** Reads what there is. What it throws ends the request: superseded, refused, storage away. */
  readonly check: () => Promise<Check<Answer>>;
  /** Tells when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

export interface LongPollerOptions {
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  /** Milliseconds between fallback checks, for wake-ups that were lost. */
  readonly sleepMs: number;
  /** Checks until a request is answered empty. */
  readonly iterations: number;
}

/** Holds requests until there is news (protocol.md, "receive (long poll)"). */
export interface LongPoller {
  /** Milliseconds that a request is held at the most. */
  readonly longestHoldMs: number;
  /** How many requests are held now. */
  size(): number;
  /** Holds a request; gives its answer, or `null` when nobody is there any more to receive one. */
  hold<Answer>(request: HeldRequest<Answer>): Promise<Answer | null>;
  /** Answers every held request with what there is, and holds none from now on. */
  stop(): void;
  isStopping(): boolean;
}

/**
 * A held request subscribes, then reads, and so misses nothing that happens in between. It ends in
 * one of five ways: there is news; `sleepMs × iterations` are over; the client has gone; the server
 * stops; the check throws. Every ending is cleaned up in one place.
 */
export function createLongPoller(options: LongPollerOptions): LongPoller {
  const { wakeBus, clock, sleepMs, iterations } = options;
  const longestHoldMs = sleepMs * iterations;
  const held = new Set<Bell>();
  let isStopping = false;

  const hold = async <Answer>(request: HeldRequest<Answer>): Promise<Answer | null> => {
    const { userId, check, onGone } = request;
    const end = clock.elapsed() + longestHoldMs;
    const bell = new Bell(clock);
    let stopListening: (() => void) | undefined;

    held.add(bell);
    onGone(() => {
      bell.end('client gone');
    });
    if (isStopping) bell.end('stopping');
    try {
      stopListening = await wakeBus.listen(userId, () => {
        bell.ring();
      });
      for (;;) {
        bell.listenAnew();
        // One that has gone must not check: it would take the place of the poll that followed it.
        if (bell.hasGone()) return null;
        const { answer, isNews, changesAt } = await check();
        if (bell.hasGone()) return null;
        const leftMs = end - clock.elapsed();
        if (isNews || bell.ending === 'stopping' || leftMs <= 0) return answer;
        await bell.wait(Math.min(sleepMs, changesAt - clock.now(), leftMs));
      }
    } finally {
      held.delete(bell);
      stopListening?.();
    }
  };

  return {
    longestHoldMs,
    size: () => held.size,
    hold,
    isStopping: () => isStopping,
    stop: () => {
      isStopping = true;
      for (const bell of held) bell.end('stopping');
    },
  };
}

/** What one held request waits for. A ring while nobody waits is kept until the next wait. */
class Bell {
  /** Why the request must not wait any more. */
  ending: 'client gone' | 'stopping' | null = null;
  readonly #clock: Clock;
  #hasRung = false;
  #wakeUp: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  hasGone(): boolean {
    return this.ending === 'client gone';
  }

  ring(): void {
    this.#hasRung = true;
    this.#wakeUp?.();
  }

  end(ending: 'client gone' | 'stopping'): void {
    this.ending ??= ending;
    this.ring();
  }

  /** From now on only new rings count: what happened before is seen by the check that follows. */
  listenAnew(): void {
    this.#hasRung = false;
  }

  /** Resolves after so many milliseconds, or as soon as the bell rings. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#hasRung || this.ending !== null) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(Math.max(0, milliseconds), resolve);
      this.#wakeUp = () => {
        cancel();
        resolve();
      };
    });
    this.#wakeUp = null;
  }
}
