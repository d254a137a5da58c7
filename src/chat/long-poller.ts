import type { UserId } from './chat.ts';
import type { Clock } from './clock.ts';
import type { Soon } from './soon.ts';
import { ANYTHING, type Changes, type WakeBus } from './wake-bus.ts';

/** What one check on behalf of a held request found. */
export interface Check<Answer> {
  readonly answer: Answer;
  /** There is news: the request is answered now. */
  readonly isNews: boolean;
  /** When the answer will change without a wake-up, in ms since the epoch. */
  readonly changesAt: number;
}

/** Somebody who polls, again and again. */
export interface Polling<Answer> {
  /** Whose wake-ups end the waiting. */
  readonly userId: UserId;
  /** Of what wake-ups say, what concerns the request that is held: the others do not reach it. */
  readonly watches: Changes;
  /** Reads what there is. What it throws ends the request: superseded, refused, storage away. */
  check(): Soon<Check<Answer>>;
  /** The request that was held has its answer; `null`: nobody is there any more to receive one. */
  answered(answer: Answer | null): void;
  /** The request that was held cannot be answered. */
  failed(error: unknown): void;
  /** Was woken while no request is held. */
  wokenBetween(changes: Changes): void;
}

export interface LongPollerOptions {
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  /** Milliseconds between fallback checks while wake-ups do not travel. */
  readonly sleepMs: number;
  /** So many times `sleepMs` a request is held at the most. */
  readonly iterations: number;
}

/** The held requests of somebody, one after the other; it listens from the first of them until it is closed. */
export interface Poller {
  /** Holds a request until there is news; one at a time. It may be answered before this returns. */
  hold(): void;
  /** The client of the request that is held has gone. */
  leave(): void;
  /** Wakes whoever else listens for the same participant. */
  wakeOthers(changes: Changes): void;
  /** No request is held, and none will be. */
  close(): void;
}

/** Holds requests until there is news (protocol.md, "receive (long poll)"). */
export interface LongPoller {
  /** Milliseconds that a request is held at the most. */
  readonly longestHoldMs: number;
  /** How many requests are held now. */
  size(): number;
  /** How many of them have read and wait now. */
  waiting(): number;
  open<Answer>(polling: Polling<Answer>): Poller;
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
  const all = new AllPollers(options);
  return {
    longestHoldMs: all.longestHoldMs,
    size: () => all.size(),
    waiting: () => all.waiting(),
    open: (polling) => new OnePoller(all, polling),
    stop: () => {
      all.stop();
    },
    isStopping: () => all.isStopping,
  };
}

/**
 * How it stands: it holds nothing; waits until wake-ups arrive for certain; reads; waits for a reason to read
 * again; has one, and reads as soon as whoever gave it is done.
 */
type State = 'between' | 'subscribing' | 'reading' | 'waiting' | 'woken';

/**
 * The held requests of one participant. Thousands of them wait at any time, so it is one object with a state, not a
 * function that is suspended; and it outlives its requests, because to subscribe, to register and to set a timer for
 * each of them would cost more than all else that happens to it.
 */
class OnePoller<Answer> implements Poller {
  #state: State = 'between';
  /** Why the request must not wait any more. */
  #ending: 'client gone' | 'stopping' | null = null;
  /** Something happened since the read that is under way began. */
  #hasRung = false;
  /** When the request has been held for long enough, and when it is to read again, in ms on the clock that never jumps. */
  #end = 0;
  #due = 0;
  /** When the timer runs; never later than `#due`. */
  #timerAt = Infinity;
  #cancelTimer: (() => void) | null = null;
  #stopListening: (() => void) | null = null;
  readonly #all: AllPollers;
  readonly #polling: Polling<Answer>;

  constructor(all: AllPollers, polling: Polling<Answer>) {
    this.#all = all;
    this.#polling = polling;
  }

  get isHolding(): boolean {
    return this.#state !== 'between';
  }

  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  hold(): void {
    this.#ending = this.#all.isStopping ? 'stopping' : null;
    this.#end = this.#all.options.clock.elapsed() + this.#all.longestHoldMs;
    this.#all.held += 1;
    if (this.#stopListening === null) this.#subscribe();
    else this.#read();
  }

  leave(): void {
    this.stopWaiting('client gone');
  }

  wakeOthers(changes: Changes): void {
    this.#all.options.wakeBus.wake(this.#polling.userId, changes, this.ring);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#stopListening?.();
    this.#all.delete(this);
  }

  readonly ring = (changes: Changes): void => {
    if (!this.isHolding) this.#polling.wokenBetween(changes);
    else if ((changes & this.#polling.watches) !== 0) this.#wake();
  };

  stopWaiting(reason: 'client gone' | 'stopping'): void {
    this.#ending ??= reason;
    this.#wake();
  }

  #subscribe(): void {
    this.#state = 'subscribing';
    this.#all.add(this);
    const listening = this.#all.options.wakeBus.listen(this.#polling.userId, this.ring);
    if (!(listening instanceof Promise)) this.#begin(listening);
    else {
      listening.then(
        (stopListening) => {
          this.#begin(stopListening);
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
    }
  }

  #begin(stopListening: () => void): void {
    this.#stopListening = stopListening;
    this.#read();
  }

  /** What happens at the same time is one reason to read. */
  #wake(): void {
    this.#hasRung = true;
    if (this.#state !== 'waiting') return;
    this.#state = 'woken';
    // What `queueMicrotask` does, at half its price.
    void NOW.then(() => {
      this.#read();
    });
  }

  #read(): void {
    // From now on only new rings count: what happened before is seen by the read.
    this.#hasRung = false;
    // One that has gone must not read: it would take the place of the poll that followed it.
    if (this.#hasGone()) {
      this.#answer(null);
      return;
    }
    this.#state = 'reading';
    let found: Soon<Check<Answer>>;
    try {
      found = this.#polling.check();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!(found instanceof Promise)) this.#judge(found);
    else {
      found.then(
        (check) => {
          this.#judge(check);
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
    }
  }

  #judge({ answer, isNews, changesAt }: Check<Answer>): void {
    const { clock } = this.#all.options;
    const elapsed = clock.elapsed();
    if (this.#hasGone()) this.#answer(null);
    else if (isNews || this.#ending === 'stopping' || this.#end <= elapsed) this.#answer(answer);
    else if (this.#hasRung) this.#read();
    else {
      this.#state = 'waiting';
      this.#due = Math.min(this.#end, elapsed + Math.max(0, changesAt - clock.now()));
      this.#setTimer(elapsed);
    }
  }

  /** One timer for many requests: only one that would come too late is set anew, and one that comes early goes on. */
  #setTimer(elapsed: number): void {
    if (this.#timerAt <= this.#due) return;
    this.#cancelTimer?.();
    this.#timerAt = this.#due;
    this.#cancelTimer = this.#all.options.clock.after(this.#due - elapsed, () => {
      this.#look();
    });
  }

  #look(): void {
    this.#timerAt = Infinity;
    this.#cancelTimer = null;
    if (this.#state !== 'waiting') return;
    const elapsed = this.#all.options.clock.elapsed();
    if (elapsed < this.#due) this.#setTimer(elapsed);
    else this.#wake();
  }

  #hasGone(): boolean {
    return this.#ending === 'client gone';
  }

  #answer(answer: Answer | null): void {
    this.#letGo();
    this.#polling.answered(answer);
  }

  #fail(error: unknown): void {
    this.#letGo();
    this.#polling.failed(error);
  }

  #letGo(): void {
    this.#state = 'between';
    this.#all.held -= 1;
  }
}

const NOW = Promise.resolve();

/** What all of them have in common, whatever they are answered with. */
type AnyPoller = Pick<OnePoller<unknown>, 'isHolding' | 'isWaiting' | 'ring' | 'stopWaiting'>;

/** All that are open; while wake-ups do not travel, all of them look every `sleepMs`. */
class AllPollers {
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

  size(): number {
    return this.held;
  }

  /** How many have read and wait now. */
  waiting(): number {
    let count = 0;
    for (const poller of this.#open) count += poller.isWaiting ? 1 : 0;
    return count;
  }

  add(poller: AnyPoller): void {
    this.#open.add(poller);
    if (this.#stopTicking === null) this.#tickLater();
  }

  delete(poller: AnyPoller): void {
    this.#open.delete(poller);
    if (this.#open.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }

  stop(): void {
    this.isStopping = true;
    for (const poller of this.#open) if (poller.isHolding) poller.stopWaiting('stopping');
  }

  #tickLater(): void {
    const { clock, sleepMs, wakeBus } = this.options;
    this.#stopTicking = clock.after(sleepMs, () => {
      this.#tickLater();
      if (wakeBus.isHealthy()) return;
      for (const poller of this.#open) if (poller.isHolding) poller.ring(ANYTHING);
    });
  }
}
