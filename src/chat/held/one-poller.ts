import { StorageUnavailable } from '../failures.ts';
import type { AllPollers } from './all-pollers.ts';
import type { Check, Poller, Polling } from './polling.ts';
import type { Soon } from '../soon.ts';
import type { Changes } from '../wake-bus.ts';

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
export class OnePoller<Answer> implements Poller {
  #state: State = 'between';
  /** Why the request must not wait any more. */
  #ending: 'client gone' | 'stopping' | null = null;
  /** Something happened since the read that is under way began. */
  #hasRung = false;
  /** What the last read for the request found, and it was no news; `null`: nothing was read yet. */
  #unchanged: Answer | null = null;
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

  hold(mostMs = Infinity): void {
    this.#ending = this.#all.isStopping ? 'stopping' : null;
    this.#end = this.#all.options.clock.elapsed() + Math.min(mostMs, this.#all.longestHoldMs);
    this.#all.held += 1;
    if (this.#stopListening === null) this.#subscribe();
    else this.#read();
  }

  leave(): void {
    this.#ending ??= 'client gone';
    this.#wake();
  }

  wakeOthers(changes: Changes): void {
    this.#all.options.wakeBus.wake(this.#polling.key, changes, this.ring);
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

  /** A request that waits has its answer: thousands of them would ask the storage at once, and it may be away. */
  stop(): void {
    this.#ending ??= 'stopping';
    if (this.#state !== 'waiting' || !this.#all.options.wakeBus.isHealthy()) {
      this.#wake();
      return;
    }
    this.#state = 'woken';
    // As with a wake-up: whoever stops the server is done first.
    void NOW.then(() => {
      if (this.#hasRung) this.#read();
      else this.#answer(this.#unchanged);
    });
  }

  #subscribe(): void {
    this.#state = 'subscribing';
    this.#all.add(this);
    const listening = this.#all.options.wakeBus.listen(this.#polling.key, this.ring);
    if (!(listening instanceof Promise)) this.#begin(listening);
    else {
      this.#goOnAfter(listening, (stopListening) => {
        this.#begin(stopListening);
      });
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
      this.#goOnAfter(found, (check) => {
        this.#judge(check);
      });
    }
  }

  #goOnAfter<Value>(later: Promise<Value>, goOn: (value: Value) => void): void {
    later.then(goOn, (error: unknown) => {
      this.#fail(error);
    });
  }

  #judge({ answer, isNews, changesAt }: Check<Answer>): void {
    const { clock } = this.#all.options;
    const elapsed = clock.elapsed();
    if (this.#hasGone()) this.#answer(null);
    else if (isNews || this.#ending === 'stopping' || this.#end <= elapsed) this.#answer(answer);
    else {
      this.#unchanged = answer;
      this.#due = Math.min(this.#end, elapsed + Math.max(0, changesAt - clock.now()));
      this.#wait(elapsed);
    }
  }

  #wait(elapsed: number): void {
    if (this.#hasRung) {
      this.#read();
      return;
    }
    this.#state = 'waiting';
    this.#setTimer(elapsed);
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
    const mustAnswer = this.#ending === 'stopping' && error instanceof StorageUnavailable;
    if (mustAnswer && this.#unchanged !== null) {
      this.#answer(this.#unchanged);
      return;
    }
    this.#letGo();
    this.#polling.failed(error);
  }

  #letGo(): void {
    this.#state = 'between';
    this.#unchanged = null;
    this.#all.held -= 1;
  }
}

const NOW = Promise.resolve();
