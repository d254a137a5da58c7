import type { UserId } from './chat.ts';
import type { Clock } from './clock.ts';
import type { Receiver } from './receiving.ts';
import { ANYTHING, changed, type WakeBus } from './wake-bus.ts';

/**
 * Milliseconds that somebody has to poll again after an answer before their poll has ended. Most come back within
 * a few: their poll then goes on, and nothing has to be written and nobody told.
 */
const COME_BACK_WITHIN_MS = 500;

interface Left {
  readonly receiver: Receiver;
  /** The last sign of life, in ms since the epoch. */
  at: number;
  cancel: () => void;
  readonly stopListening: () => void;
}

/** Receivers whose answer has been given and whose client may be about to poll again. */
export class ComingBack {
  readonly #clock: Clock;
  readonly #wakeBus: WakeBus;
  readonly #left = new Map<UserId, Left>();
  /** How many requests of theirs are under way. */
  readonly #busy = new Map<UserId, number>();
  #isStopped = false;

  constructor({ clock, wakeBus }: { readonly clock: Clock; readonly wakeBus: WakeBus }) {
    this.#clock = clock;
    this.#wakeBus = wakeBus;
  }

  /** The receiver that this participant left a moment ago, to go on with; `null`: there is none. */
  take(userId: UserId): Receiver | null {
    return this.#forget(userId)?.receiver ?? null;
  }

  /** Ends a receiver unless it is taken soon; a poll that has begun elsewhere meanwhile ends it without a word. */
  leave(userId: UserId, receiver: Receiver): void {
    this.#end(userId);
    const at = this.#clock.now();
    if (this.#isStopped) {
      receiver.end(at);
      return;
    }
    const listening = this.#wakeBus.listen(userId, (changes) => {
      if (changes === ANYTHING) this.#end(userId);
      else if ((changes & changed.superseded) !== 0) this.#forget(userId);
    });
    const stopListening = (): void => {
      listening.then(
        (stop) => {
          stop();
        },
        () => undefined,
      );
    };
    this.#left.set(userId, { receiver, at, stopListening, cancel: this.#endLater(userId) });
  }

  /** Waits for the request of somebody who is going to poll again after it; its end is a sign of life. */
  async during<Result>(userId: UserId, request: () => Promise<Result>): Promise<Result> {
    this.#busy.set(userId, (this.#busy.get(userId) ?? 0) + 1);
    try {
      return await request();
    } finally {
      const others = (this.#busy.get(userId) ?? 1) - 1;
      if (others > 0) this.#busy.set(userId, others);
      else this.#busy.delete(userId);
      this.#isStillHere(userId);
    }
  }

  /** From now on nobody is waited for. */
  stop(): void {
    this.#isStopped = true;
    for (const userId of [...this.#left.keys()]) this.#end(userId);
  }

  #isStillHere(userId: UserId): void {
    const left = this.#left.get(userId);
    if (left === undefined) return;
    left.cancel();
    left.at = this.#clock.now();
    left.cancel = this.#endLater(userId);
  }

  #endLater(userId: UserId): () => void {
    return this.#clock.after(COME_BACK_WITHIN_MS, () => {
      if (!this.#busy.has(userId)) this.#end(userId);
    });
  }

  #end(userId: UserId): void {
    const left = this.#forget(userId);
    left?.receiver.end(left.at);
  }

  #forget(userId: UserId): Left | undefined {
    const left = this.#left.get(userId);
    this.#left.delete(userId);
    left?.cancel();
    left?.stopListening();
    return left;
  }
}
