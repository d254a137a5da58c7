import type { Place } from '../../chat/chat-store.ts';
import type { KeptChat } from './kept-chat.ts';

/** Chats in one run of a list at the most: moving so many pointers costs less than finding the place. */
const RUN_LENGTH = 512;

/**
 * Chats in the order of a time, those of one moment by token. Runs of a bounded length, so that a million chats
 * come and go anywhere without anybody waiting for it.
 */
export class SortedChats {
  readonly #timeOf: (kept: KeptChat) => number;
  /** None of them empty. */
  readonly #runs: KeptChat[][] = [];
  #size = 0;

  /** @param timeOf must not change while a chat is in the list */
  constructor(timeOf: (kept: KeptChat) => number) {
    this.#timeOf = timeOf;
  }

  get size(): number {
    return this.#size;
  }

  add(kept: KeptChat): void {
    this.#size += 1;
    const place = this.#placeOf(kept);
    const index = Math.min(this.#runOf(place), this.#runs.length - 1);
    const run = this.#runs[index];
    if (run === undefined) {
      this.#runs.push([kept]);
      return;
    }
    run.splice(this.#indexIn(run, place), 0, kept);
    if (run.length > RUN_LENGTH) {
      // Chats mostly come at the end: the full run stays full.
      const isLast = index === this.#runs.length - 1;
      this.#runs.splice(index + 1, 0, run.splice(isLast ? RUN_LENGTH : RUN_LENGTH / 2));
    }
  }

  delete(kept: KeptChat): void {
    const place = this.#placeOf(kept);
    const index = this.#runOf(place);
    const run = this.#runs[index];
    const at = run === undefined ? 0 : this.#indexIn(run, place);
    if (run?.[at] !== kept) return;
    this.#size -= 1;
    run.splice(at, 1);
    if (run.length === 0) this.#runs.splice(index, 1);
  }

  /** The first of all. */
  first(): KeptChat | undefined {
    return this.#runs[0]?.[0];
  }

  /** Those after a place, the earliest first. Nothing may be added or deleted meanwhile. */
  *after(place: Place): Generator<KeptChat> {
    for (let index = this.#runOf(place); index < this.#runs.length; index += 1) {
      for (const kept of this.#runs[index] ?? []) {
        if (this.#compare(kept, place) > 0) yield kept;
      }
    }
  }

  /** Those before a place, the latest first. Nothing may be added or deleted meanwhile. */
  *before(place: Place): Generator<KeptChat> {
    for (let index = Math.min(this.#runOf(place), this.#runs.length - 1); index >= 0; index -= 1) {
      for (const kept of (this.#runs[index] ?? []).toReversed()) {
        if (this.#compare(kept, place) < 0) yield kept;
      }
    }
  }

  /** Up to `limit` at or before a time, the earliest first. */
  until(time: number, limit: number): KeptChat[] {
    const found: KeptChat[] = [];
    for (const kept of this.after({ created: -Infinity, token: '' })) {
      if (found.length === limit || this.#timeOf(kept) > time) break;
      found.push(kept);
    }
    return found;
  }

  #placeOf(kept: KeptChat): Place {
    return { created: this.#timeOf(kept), token: kept.chat.token };
  }

  #compare(kept: KeptChat, { created, token }: Place): number {
    const time = this.#timeOf(kept);
    if (time !== created) return time - created;
    if (kept.chat.token === token) return 0;
    return kept.chat.token < token ? -1 : 1;
  }

  /** Index of the first run that ends at or after a place; one too far if there is none. */
  #runOf(place: Place): number {
    return firstIndex(this.#runs.length, (index) => {
      const last = this.#runs[index]?.at(-1);
      return last !== undefined && this.#compare(last, place) >= 0;
    });
  }

  #indexIn(run: readonly KeptChat[], place: Place): number {
    return firstIndex(run.length, (index) => {
      const kept = run[index];
      return kept !== undefined && this.#compare(kept, place) >= 0;
    });
  }
}

/** The first of so many indices for which something is true, when it is for all that follow. */
function firstIndex(count: number, isTrue: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
