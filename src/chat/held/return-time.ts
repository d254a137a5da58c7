/** Milliseconds that anybody has to poll again, on the fastest line. Most come back within a few. */
export const COME_BACK_WITHIN_MS = 500;

/** Milliseconds for which a client is waited for that was never seen coming back: enough for any line in use. */
const FIRST_PATIENCE_MS = 3000;

/** Milliseconds for which nobody is waited for longer, however slow they were before. */
export const MOST_PATIENCE_MS = 4000;

/**
 * How long a client takes to poll again after an answer, and how long it is waited for: estimated as TCP does how
 * long an answer may take (RFC 6298, section 2), by a mean and by how much it varies.
 */
export class ReturnTime {
  #mean: number | null = null;
  #variation = 0;

  /** Milliseconds to wait for it now. */
  get patienceMs(): number {
    if (this.#mean === null) return FIRST_PATIENCE_MS;
    const usual = this.#mean + Math.max(COME_BACK_WITHIN_MS, 4 * this.#variation);
    return Math.min(MOST_PATIENCE_MS, usual);
  }

  /** It has come back after so many milliseconds. */
  note(milliseconds: number): void {
    if (this.#mean === null) {
      this.#mean = milliseconds;
      this.#variation = milliseconds / 2;
    } else {
      this.#variation += (Math.abs(this.#mean - milliseconds) - this.#variation) / 4;
      this.#mean += (milliseconds - this.#mean) / 8;
    }
  }
}
