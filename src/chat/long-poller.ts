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
  const all = new AllHolds(options);
  return {
    longestHoldMs: all.longestHoldMs,
    size: () => all.size(),
    waiting: () => all.waiting(),
    hold: (request) =>
      new Promise((resolve, reject) => {
        new Hold(all, request, resolve, reject).begin();
      }),
    stop: () => {
      all.stop();
    },
    isStopping: () => all.isStopping,
  };
}

/**
 * How a held request stands: it waits until its wake-ups arrive for certain; reads; waits for a reason to read
 * again; has one, and reads as soon as whoever gave it is done; is answered, or nobody is there to answer.
 */
type State = 'subscribing' | 'reading' | 'waiting' | 'woken' | 'over';

/**
 * One held request. Thousands of them wait at any time, so it is one object with a state, not a function that is
 * suspended: what waits here is all that is kept.
 */
class Hold<Answer> implements Held {
  #state: State = 'subscribing';
  /** Why the request must not wait any more. */
  #ending: 'client gone' | 'stopping' | null = null;
  /** Something happened since the read that is under way began. */
  #hasRung = false;
  #cancelTimer: (() => void) | null = null;
  #stopListening: (() => void) | null = null;
  readonly #end: number;
  readonly #all: AllHolds;
  readonly #request: HeldRequest<Answer>;
  readonly #resolve: (answer: Answer | null) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    all: AllHolds,
    request: HeldRequest<Answer>,
    resolve: (answer: Answer | null) => void,
    reject: (error: unknown) => void,
  ) {
    this.#all = all;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#end = all.options.clock.elapsed() + all.longestHoldMs;
  }

  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  begin(): void {
    const { userId, onGone } = this.#request;
    this.#all.add(this);
    onGone(() => {
      this.end('client gone');
    });
    if (this.#all.isStopping) this.end('stopping');
    this.#all.options.wakeBus.listen(userId, this.ring).then(
      (stopListening) => {
        this.#stopListening = stopListening;
        this.#read();
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  readonly ring = (changes: Changes): void => {
    if ((changes & this.#request.watches) !== 0) this.#wake();
  };

  wakeOthers(changes: Changes): void {
    this.#all.options.wakeBus.wake(this.#request.userId, changes, this.ring);
  }

  end(ending: 'client gone' | 'stopping'): void {
    this.#ending ??= ending;
    this.#wake();
  }

  /** What happens at the same time is one reason to read. */
  #wake(): void {
    this.#hasRung = true;
    if (this.#state !== 'waiting') return;
    this.#state = 'woken';
    queueMicrotask(() => {
      this.#read();
    });
  }

  #read(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    // From now on only new rings count: what happened before is seen by the read.
    this.#hasRung = false;
    // One that has gone must not read: it would take the place of the poll that followed it.
    if (this.#hasGone()) {
      this.#answer(null);
      return;
    }
    this.#state = 'reading';
    this.#request.check(this).then(
      (found) => {
        this.#judge(found);
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  #judge({ answer, isNews, changesAt }: Check<Answer>): void {
    const { clock } = this.#all.options;
    const leftMs = this.#end - clock.elapsed();
    if (this.#hasGone()) this.#answer(null);
    else if (isNews || this.#ending === 'stopping' || leftMs <= 0) this.#answer(answer);
    else if (this.#hasRung) this.#read();
    else {
      this.#state = 'waiting';
      const waitMs = Math.max(0, Math.min(changesAt - clock.now(), leftMs));
      this.#cancelTimer = clock.after(waitMs, () => {
        this.#wake();
      });
    }
  }

  #hasGone(): boolean {
    return this.#ending === 'client gone';
  }

  #answer(answer: Answer | null): void {
    this.#cleanUp();
    this.#resolve(answer);
  }

  #fail(error: unknown): void {
    this.#cleanUp();
    this.#reject(error);
  }

  #cleanUp(): void {
    this.#state = 'over';
    this.#all.delete(this);
    this.#stopListening?.();
  }
}

/** What all of them have in common, whatever they are answered with. */
type AnyHold = Pick<Hold<unknown>, 'isWaiting' | 'ring' | 'end'>;

/** All that are held; while wake-ups do not travel, all of them look every `sleepMs`. */
class AllHolds {
  readonly options: LongPollerOptions;
  readonly longestHoldMs: number;
  isStopping = false;
  readonly #holds = new Set<AnyHold>();
  #stopTicking: (() => void) | null = null;

  constructor(options: LongPollerOptions) {
    this.options = options;
    this.longestHoldMs = options.sleepMs * options.iterations;
  }

  size(): number {
    return this.#holds.size;
  }

  /** How many have read and wait now. */
  waiting(): number {
    let count = 0;
    for (const hold of this.#holds) count += hold.isWaiting ? 1 : 0;
    return count;
  }

  add(hold: AnyHold): void {
    this.#holds.add(hold);
    if (this.#stopTicking === null) this.#tickLater();
  }

  delete(hold: AnyHold): void {
    this.#holds.delete(hold);
    if (this.#holds.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }

  stop(): void {
    this.isStopping = true;
    for (const hold of this.#holds) hold.end('stopping');
  }

  #tickLater(): void {
    const { clock, sleepMs, wakeBus } = this.options;
    this.#stopTicking = clock.after(sleepMs, () => {
      this.#tickLater();
      if (wakeBus.isHealthy()) return;
      for (const hold of this.#holds) hold.ring(ANYTHING);
    });
  }
}
