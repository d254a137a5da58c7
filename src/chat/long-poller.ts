import type { WakeBus } from './wake-bus.ts';
import type { Token } from './chat.ts';
import type { Clock } from './clock.ts';

/** What one look on behalf of a held request found. */
export interface Glance<Answer> {
  readonly answer: Answer;
  /** There is news: the request is answered now. */
  readonly isNews: boolean;
  /** When the answer will change without a wake-up, in ms since the epoch. */
  readonly changesAt: number;
}

export interface HeldRequest<Answer> {
  /** Whose wake-ups end the waiting. */
  readonly userToken: Token;
  /** Reads what there is. What it throws ends the request: superseded, refused, storage away. */
  readonly look: () => Promise<Glance<Answer>>;
  /** Tells when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

export interface LongPollerOptions {
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  /** Milliseconds between fallback checks, for wake-ups that were lost. */
  readonly sleep: number;
  /** Checks until a request is answered empty. */
  readonly iterations: number;
}

/**
 * Holds requests until there is news (protocol.md, "receive (long poll)").
 *
 * A held request subscribes, then reads, and so misses nothing that happens in between. It ends in
 * one of five ways: there is news; `sleep × iterations` are over; the client has gone; the server
 * stops; looking throws. Every ending is cleaned up in one place.
 */
export class LongPoller {
  readonly #options: LongPollerOptions;
  readonly #held = new Set<Wait>();
  #isStopping = false;

  constructor(options: LongPollerOptions) {
    this.#options = options;
  }

  /** Milliseconds that a request is held at the most. */
  get longestHold(): number {
    return this.#options.sleep * this.#options.iterations;
  }

  /** How many requests are held now. */
  get size(): number {
    return this.#held.size;
  }

  /** Holds a request; gives its answer, or `null` when nobody is there any more to receive one. */
  async hold<Answer>({ userToken, look, onGone }: HeldRequest<Answer>): Promise<Answer | null> {
    const { clock, sleep, wakeBus } = this.#options;
    const end = clock.elapsed() + this.longestHold;
    const wait = new Wait(clock);
    let stopListening: (() => void) | undefined;

    this.#held.add(wait);
    onGone(() => {
      wait.end('client gone');
    });
    if (this.#isStopping) wait.end('stopping');
    try {
      stopListening = await wakeBus.listen(userToken, () => {
        wait.ring();
      });
      for (;;) {
        wait.listenAnew();
        // One that has gone must not look: it would take the place of the poll that followed it.
        if (wait.hasGone()) return null;
        const { answer, isNews, changesAt } = await look();
        if (wait.hasGone()) return null;
        const left = end - clock.elapsed();
        if (isNews || wait.ending === 'stopping' || left <= 0) return answer;
        await wait.for(Math.min(sleep, changesAt - clock.now(), left));
      }
    } finally {
      this.#held.delete(wait);
      stopListening?.();
    }
  }

  /** Answers every held request with what there is, and holds none from now on. */
  stop(): void {
    this.#isStopping = true;
    for (const wait of this.#held) wait.end('stopping');
  }
}

/** A bell that one held request waits for. A ring while nobody waits is kept until the next wait. */
class Wait {
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

  /** From now on only new rings count: what happened before is seen by the look that follows. */
  listenAnew(): void {
    this.#hasRung = false;
  }

  /** Resolves after so many milliseconds, or as soon as the bell rings. */
  async for(milliseconds: number): Promise<void> {
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
