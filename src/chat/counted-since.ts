import type { Clock } from './clock.ts';

/** Milliseconds by which the time of a machine may be corrected without counting as set anew. */
const CORRECTION_MS = 1000;

/**
 * Since when it is counted how long people are away: the start of the server, or the first look after the time of its
 * machine was set anew. What was noted before says nothing about now.
 */
export class CountedSince {
  /** The last of those moments that is known of, in ms since the epoch. */
  #at: number;
  /** What the machine's time was ahead of the clock that never jumps, at the last look. */
  #ahead: number;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#ahead = this.#at - clock.elapsed();
  }

  /** To be asked whenever it matters: that is the look. */
  get at(): number {
    const now = this.#clock.now();
    const ahead = now - this.#clock.elapsed();
    if (Math.abs(ahead - this.#ahead) > CORRECTION_MS) this.#at = now;
    this.#ahead = ahead;
    return this.#at;
  }
}
