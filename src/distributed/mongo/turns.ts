/**
 * Lets so many steps be under way at the same time, as a rule. The others wait in the order in which they came, but not
 * for long: one that hangs must not hold them up.
 */
export class Turns {
  readonly #most: number;
  readonly #longestWaitMs: number;
  #underWay = 0;
  readonly #waiting = new Set<() => void>();

  constructor(most: number, longestWaitMs: number) {
    this.#most = most;
    this.#longestWaitMs = longestWaitMs;
  }

  /** What the step gives, as soon as it has had its turn. */
  async take<Result>(step: () => Promise<Result>): Promise<Result> {
    if (this.#underWay >= this.#most) await this.#wait();
    this.#underWay += 1;
    try {
      return await step();
    } finally {
      this.#underWay -= 1;
      this.#goOn();
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, this.#longestWaitMs);
      this.#waiting.add(go);
    });
  }

  #goOn(): void {
    if (this.#underWay >= this.#most) return;
    const [first] = this.#waiting;
    first?.();
  }
}
