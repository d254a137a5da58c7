import type { UserId } from './chat.ts';
import type { Clock } from './clock.ts';
import { ANYTHING, type Changes, type WakeBus } from './wake-bus.ts';

/** What one check on behalf of a held request found. */
export interface Check<Answer> {
  readonly answer: Answer;
  /** There is news: the request is answered now. */
  readonly isNews: boolean;
  /** When the answer will change without a wake-up, in ms since the epoch. */
  readonly changesAt: number;
}

/** What a check knows of the request for which it looks. */
export interface Held {
  /** Wakes whoever else listens for the participant. */
  wakeOthers(changes: Changes): void;
}

export interface HeldRequest<Answer> {
  /** Whose wake-ups end the waiting. */
  readonly userId: UserId;
  /** Of what wake-ups say, what concerns it: the others do not reach it. */
  readonly watches: Changes;
  /** Reads what there is. What it throws ends the request: superseded, refused, storage away. */
  readonly check: (held: Held) => Promise<Check<Answer>>;
  /** Tells when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

export interface LongPollerOptions {
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  /** Milliseconds between fallback checks while wake-ups do not travel. */
  readonly sleepMs: number;
  /** So many times `sleepMs` a request is held at the most. */
  readonly iterations: number;
}

/** Holds requests until there is news (protocol.md, "receive (long poll)"). */
export interface LongPoller {
  /** Milliseconds that a request is held at the most. */
  readonly longestHoldMs: number;
  /** How many requests are held now. */
  size(): number;
  /** How many of them have read and wait now. */
  waiting(): number;
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
 *
 * It reads again when it is woken for something that it watches, when time alone changes its answer, and at its
 * end. Only while the bus is out of order all of them look every `sleepMs`, together.
 */
export function createLongPoller(options: LongPollerOptions): LongPoller {
  const { wakeBus, clock, sleepMs, iterations } = options;
  const longestHoldMs = sleepMs * iterations;
  const held = new HeldBells(options);
  let isStopping = false;
  let waiting = 0;

  const hold = async <Answer>(request: HeldRequest<Answer>): Promise<Answer | null> => {
    const { userId, check, onGone } = request;
    const end = clock.elapsed() + longestHoldMs;
    const bell = new Bell(options, request);
    let stopListening: (() => void) | undefined;

    held.add(bell);
    onGone(() => {
      bell.end('client gone');
    });
    if (isStopping) bell.end('stopping');
    try {
      stopListening = await wakeBus.listen(userId, bell.ring);
      for (;;) {
        bell.listenAnew();
        // One that has gone must not check: it would take the place of the poll that followed it.
        if (bell.hasGone()) return null;
        const { answer, isNews, changesAt } = await check(bell);
        if (bell.hasGone()) return null;
        const leftMs = end - clock.elapsed();
        if (isNews || bell.ending === 'stopping' || leftMs <= 0) return answer;
        waiting += 1;
        await bell.wait(Math.min(changesAt - clock.now(), leftMs));
        waiting -= 1;
      }
    } finally {
      held.delete(bell);
      stopListening?.();
    }
  };

  return {
    longestHoldMs,
    size: () => held.size(),
    waiting: () => waiting,
    hold,
    isStopping: () => isStopping,
    stop: () => {
      isStopping = true;
      held.forEach((bell) => {
        bell.end('stopping');
      });
    },
  };
}

/** Those that are held; while wake-ups do not travel, all of them ring every `sleepMs`. */
class HeldBells {
  readonly #options: LongPollerOptions;
  readonly #bells = new Set<Bell>();
  #stopTicking: (() => void) | null = null;

  constructor(options: LongPollerOptions) {
    this.#options = options;
  }

  size(): number {
    return this.#bells.size;
  }

  forEach(step: (bell: Bell) => void): void {
    this.#bells.forEach(step);
  }

  add(bell: Bell): void {
    this.#bells.add(bell);
    if (this.#stopTicking === null) this.#tickLater();
  }

  delete(bell: Bell): void {
    this.#bells.delete(bell);
    if (this.#bells.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }

  #tickLater(): void {
    const { clock, sleepMs, wakeBus } = this.#options;
    this.#stopTicking = clock.after(sleepMs, () => {
      this.#tickLater();
      if (wakeBus.isHealthy()) return;
      this.forEach((bell) => {
        bell.ring(ANYTHING);
      });
    });
  }
}

/** What one held request waits for. A ring while nobody waits is kept until the next wait. */
class Bell implements Held {
  /** Why the request must not wait any more. */
  ending: 'client gone' | 'stopping' | null = null;
  readonly #clock: Clock;
  readonly #wakeBus: WakeBus;
  readonly #request: Pick<HeldRequest<unknown>, 'userId' | 'watches'>;
  #hasRung = false;
  #wakeUp: (() => void) | null = null;

  constructor(
    { clock, wakeBus }: LongPollerOptions,
    request: Pick<HeldRequest<unknown>, 'userId' | 'watches'>,
  ) {
    this.#clock = clock;
    this.#wakeBus = wakeBus;
    this.#request = request;
  }

  readonly ring = (changes: Changes): void => {
    if ((changes & this.#request.watches) !== 0) this.#ring();
  };

  wakeOthers(changes: Changes): void {
    this.#wakeBus.wake(this.#request.userId, changes, this.ring);
  }

  hasGone(): boolean {
    return this.ending === 'client gone';
  }

  end(ending: 'client gone' | 'stopping'): void {
    this.ending ??= ending;
    this.#ring();
  }

  #ring(): void {
    this.#hasRung = true;
    this.#wakeUp?.();
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
