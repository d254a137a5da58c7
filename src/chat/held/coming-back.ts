import type { ParticipantKey } from '../chat.ts';
import type { Clock } from '../clock.ts';
import type { Soon } from '../soon.ts';
import { ANYTHING, changed, type Changes } from '../wake-bus.ts';
import { COME_BACK_WITHIN_MS, ReturnTime } from './return-time.ts';

/** Whoever can be left, and gone on with. */
export interface Leavable {
  /** From `at` on (ms since the epoch) the participant counts as gone, unless another one has taken its place. */
  end(at: number): void;
}

/** The newest receiver of somebody in this process: it holds a request, or its client may be about to poll again. */
class Here<Receiver extends Leavable> {
  /** Whether its client has its answer. */
  hasLeft = false;
  /** The last sign of life, in ms since the epoch. */
  at = 0;
  /** The same, and when it will be too long ago, in ms on the clock that never jumps. */
  seenAt = 0;
  patientUntil = 0;
  /** How long its client takes to come back; `null`: it has not said that it will soon. */
  returnTime: ReturnTime | null = null;
  /** How many other requests of theirs are under way. */
  busy = 0;
  /** When the timer runs. */
  timerAt = Infinity;
  cancelTimer: (() => void) | null = null;
  readonly receiver: Receiver;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
  }
}

/**
 * Receivers by participant, and which of them are left: whoever comes back in time goes on with theirs. Nothing has to
 * be written then, and nobody told.
 */
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
    here.returnTime?.note(this.#clock.elapsed() - here.seenAt);
    return here.receiver;
  }

  /** A receiver begins, in place of any other. */
  begin(key: ParticipantKey, receiver: Receiver): void {
    this.#forget(key);
    this.#here.set(key, new Here(receiver));
  }

  /**
   * Ends a receiver unless it is taken soon.
   *
   * @param isMeasured whether its client asked for a short hold and has its answer: from now on it is waited for as
   * long as its line takes
   */
  leave(key: ParticipantKey, receiver: Receiver, isMeasured = false): void {
    const at = this.#clock.now();
    const here = this.#here.get(key);
    // Not the newest, or nobody is waited for.
    if (here?.receiver !== receiver || this.#isStopped) {
      this.forget(key, receiver);
      receiver.end(at);
      return;
    }
    here.hasLeft = true;
    if (isMeasured) here.returnTime ??= new ReturnTime();
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
    here.seenAt = this.#clock.elapsed();
    here.patientUntil = here.seenAt + (here.returnTime?.patienceMs ?? COME_BACK_WITHIN_MS);
    if (here.timerAt > here.patientUntil) this.#lookLater(key, here);
  }

  /** One timer for all that somebody does meanwhile: when it runs, it looks how long they have been silent. */
  #lookLater(key: ParticipantKey, here: Here<Receiver>): void {
    here.cancelTimer?.();
    here.timerAt = here.patientUntil;
    here.cancelTimer = this.#clock.after(here.patientUntil - this.#clock.elapsed(), () => {
      here.timerAt = Infinity;
      here.cancelTimer = null;
      if (!here.hasLeft || here.busy > 0) return;
      if (here.patientUntil > this.#clock.elapsed()) this.#lookLater(key, here);
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
