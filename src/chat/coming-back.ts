import type { UserId } from './chat.ts';
import type { Clock } from './clock.ts';
import type { Soon } from './soon.ts';
import { ANYTHING, changed, type Changes } from './wake-bus.ts';

/**
 * Milliseconds that somebody has to poll again after an answer before their poll has ended. Most come back within
 * a few: their poll then goes on, and nothing has to be written and nobody told.
 */
const COME_BACK_WITHIN_MS = 500;

/** Whoever can be left, and gone on with. */
export interface Leavable {
  /** From `at` on (ms since the epoch) the participant counts as gone. */
  end(at: number): void;
  /** Another one has taken its place: it ends without a word. */
  drop(): void;
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
  readonly #here = new Map<UserId, Here<Receiver>>();
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The receiver that this participant left a moment ago, to go on with; `null`: there is none. */
  take(userId: UserId): Receiver | null {
    const here = this.#here.get(userId);
    if (here?.hasLeft !== true) return null;
    here.hasLeft = false;
    return here.receiver;
  }

  /** A receiver begins, in place of any other. */
  begin(userId: UserId, receiver: Receiver): void {
    this.#forget(userId);
    this.#here.set(userId, new Here(receiver));
  }

  /** Ends a receiver unless it is taken soon. */
  leave(userId: UserId, receiver: Receiver): void {
    const at = this.#clock.now();
    const here = this.#here.get(userId);
    // Not the newest, or nobody is waited for.
    if (here?.receiver !== receiver || this.#isStopped) {
      this.forget(userId, receiver);
      receiver.end(at);
      return;
    }
    here.hasLeft = true;
    this.#isStillHere(userId, here);
  }

  /** A receiver was woken that holds no request. */
  woken(userId: UserId, receiver: Receiver, changes: Changes): void {
    if (changes === ANYTHING) this.#end(userId);
    else if ((changes & changed.superseded) !== 0) {
      this.forget(userId, receiver);
      receiver.drop();
    }
  }

  /** Waits for the request of somebody who is going to poll again after it; its end is a sign of life. */
  during<Result>(userId: UserId, request: () => Soon<Result>): Soon<Result> {
    const here = this.#here.get(userId);
    if (here === undefined) return request();
    here.busy += 1;
    const isDone = (): void => {
      here.busy -= 1;
      if (here.hasLeft && this.#here.get(userId) === here) this.#isStillHere(userId, here);
    };
    let result: Soon<Result>;
    try {
      result = request();
    } catch (error) {
      isDone();
      throw error;
    }
    if (result instanceof Promise) return result.finally(isDone);
    isDone();
    return result;
  }

  /** It goes no further with this one. */
  forget(userId: UserId, receiver: Receiver): void {
    if (this.#here.get(userId)?.receiver === receiver) this.#forget(userId);
  }

  /** From now on nobody is waited for. */
  stop(): void {
    this.#isStopped = true;
    for (const [userId, here] of [...this.#here]) {
      here.cancelTimer?.();
      if (here.hasLeft) this.#end(userId);
    }
  }

  #isStillHere(userId: UserId, here: Here<Receiver>): void {
    here.at = this.#clock.now();
    here.patientUntil = this.#clock.elapsed() + COME_BACK_WITHIN_MS;
    if (here.cancelTimer === null) this.#lookAfter(COME_BACK_WITHIN_MS, userId, here);
  }

  /** One timer for all that somebody does meanwhile: when it runs, it looks how long they have been silent. */
  #lookAfter(milliseconds: number, userId: UserId, here: Here<Receiver>): void {
    here.cancelTimer = this.#clock.after(milliseconds, () => {
      here.cancelTimer = null;
      if (!here.hasLeft || here.busy > 0) return;
      const leftMs = here.patientUntil - this.#clock.elapsed();
      if (leftMs > 0) this.#lookAfter(leftMs, userId, here);
      else this.#end(userId);
    });
  }

  #end(userId: UserId): void {
    const here = this.#forget(userId);
    here?.receiver.end(here.at);
  }

  #forget(userId: UserId): Here<Receiver> | undefined {
    const here = this.#here.get(userId);
    here?.cancelTimer?.();
    this.#here.delete(userId);
    return here;
  }
}
