/** How much is held at once, in all and of each key, until it is released. Who may hold more is the caller's to decide. */
export class HeldCounts<Key = string> {
  readonly #counts = new Map<Key, number>();
  #total = 0;

  /** Of all keys, and of what has none. */
  get total(): number {
    return this.#total;
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  /** How much the key has that holds most; looks at each. */
  most(): number {
    let most = 0;
    for (const count of this.#counts.values()) most = Math.max(most, count);
    return most;
  }

  /**
   * Counts one more until the returned function is called, once.
   *
   * @param key `null`: nobody's, which counts only in all
   */
  hold(key: Key | null): () => void {
    this.#total += 1;
    if (key !== null) this.#counts.set(key, this.of(key) + 1);
    return () => {
      this.#total -= 1;
      if (key !== null) this.#release(key);
    };
  }

  /** Keys that hold nothing take no memory. */
  #release(key: Key): void {
    const left = this.of(key) - 1;
    if (left === 0) this.#counts.delete(key);
    else this.#counts.set(key, left);
  }
}
