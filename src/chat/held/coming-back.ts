import type { ParticipantKey } from '../chat.ts';
import type { Clock } from '../clock.ts';
import type { Soon } from '../soon.ts';
import { ANYTHING, changed, type Changes } from '../wake-bus.ts';

/**
 * Milliseconds that somebody has to poll again after an answer before their poll has ended. Most come back within
 * a few: their poll then goes on, and nothing has to be written and nobody told.
 */
const COME_BACK_WITHIN_MS = 500;

/** Whoever can be left, and gone on with. */
export interface Leavable {
  /** From `at` on (ms since the epoch) the participant counts as gone, unless another one has taken its place. */
  end(at: number): void;
}

/** The newest receiver of somebody in this process: it holds a request, or its client may be about to poll again. */
class Here<Receiver extends Leavable> {
  /** Whether its client has its answer. */
  hasLeft = false;
  /** The last sign of life, in ms since the epoch, and when it will be too long ago, on the clock that never jumps. */
  at = 0;
  patientUntil = 0;
  /** How many other requests of theirs are under way. */
  busy = 0;
  cancelTimer: (() => void) | null = null;
  readonly receiver: Receiver;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
  }
}

/** Receivers by participant, and which of them are left: whoever comes back in time goes on with theirs. */
export class ComingBack<Receiver extends Leavable> {
  readonly #clock: Clock;
  readonly #here = new Map<ParticipantKey, Here<Receiver>>();
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The receiver that this participant left a moment ago, to go on with; `null`: there is none. */
  take(key: ParticipantKey): Receiver | null {
    const here = this.#here.get(key);
    if (here?.hasLeft !== true) return null;
    here.hasLeft = false;
    return here.receiver;
  }

  /** A receiver begins, in place of any other. */
  begin(key: ParticipantKey, receiver: Receiver): void {
    this.#forget(key);
    this.#here.set(key, new Here(receiver));
  }

  /** Ends a receiver unless it is taken soon. */
  leave(key: ParticipantKey, receiver: Receiver): void {
    const at = this.#clock.now();
    const here = this.#here.get(key);
    // Not the newest, or nobody is waited for.
    if (here?.receiver !== receiver || this.#isStopped) {
      this.forget(key, receiver);
      receiver.end(at);
      return;
    }
    here.hasLeft = true;
    this.#isStillHere(key, here);
  }

  /** A receiver was woken that holds no request. */
  woken(key: ParticipantKey, receiver: Receiver, changes: Changes): void {
    // Perhaps only told to look at everything: the store knows which poll is the newest.
    if (changes !== ANYTHING && (changes & changed.superseded) === 0) return;
    const at = this.#here.get(key)?.at ?? this.#clock.now();
    this.forget(key, receiver);
    receiver.end(at);
  }

  /** Waits for the request of somebody who is going to poll again after it; its end is a sign of life. */
  during<Result>(key: ParticipantKey, request: () => Soon<Result>): Soon<Result> {
    const here = this.#here.get(key);
    if (here === undefined) return request();
    here.busy += 1;
    const isDone = (): void => {
      here.busy -= 1;
      if (here.hasLeft && this.#here.get(key) === here) this.#isStillHere(key, here);
    };
    let result: Soon<Result>;
    try {
      result = request();
    } catch (error) {
      isDone();
      throw error;
    }
    // Not `finally`, which makes three more promises: whoever asked need not wait for what is noted here.
    if (result instanceof Promise) result.then(isDone, isDone);
    else isDone();
    return result;
  }

  /** Whether no other receiver has begun in this one's place. */
  has(key: ParticipantKey, receiver: Receiver): boolean {
    return this.#here.get(key)?.receiver === receiver;
  }

  /** It goes no further with this one. */
  forget(key: ParticipantKey, receiver: Receiver): void {
    if (this.has(key, receiver)) this.#forget(key);
  }

  /** From now on nobody is waited for. */
  stop(): void {
    this.#isStopped = true;
    for (const [key, here] of [...this.#here]) {
      here.cancelTimer?.();
      if (here.hasLeft) this.#end(key);
    }
  }

  #isStillHere(key: ParticipantKey, here: Here<Receiver>): void {
    here.at = this.#clock.now();
    here.patientUntil = this.#clock.elapsed() + COME_BACK_WITHIN_MS;
    if (here.cancelTimer === null) this.#lookAfter(COME_BACK_WITHIN_MS, key, here);
  }

  /** One timer for all that somebody does meanwhile: when it runs, it looks how long they have been silent. */
  #lookAfter(milliseconds: number, key: ParticipantKey, here: Here<Receiver>): void {
    here.cancelTimer = this.#clock.after(milliseconds, () => {
      here.cancelTimer = null;
      if (!here.hasLeft || here.busy > 0) return;
      const leftMs = here.patientUntil - this.#clock.elapsed();
      if (leftMs > 0) this.#lookAfter(leftMs, key, here);
      else this.#end(key);
    });
  }

  #end(key: ParticipantKey): void {
    const here = this.#forget(key);
    here?.receiver.end(here.at);
  }

  #forget(key: ParticipantKey): Here<Receiver> | undefined {
    const here = this.#here.get(key);
    here?.cancelTimer?.();
    this.#here.delete(key);
    return here;
  }
}
