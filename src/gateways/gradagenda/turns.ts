/** Things that may wait for their turn before no more are taken in. */
const MOST_WAITING = 32;

export interface TurnsOptions<Thing> {
  /** Never rejects. */
  readonly handle: (thing: Thing) => Promise<void>;
  /** Too many wait: nothing more should come until `onRoom`. What has been read already may. */
  readonly onFull: () => void;
  readonly onRoom: () => void;
}

/** Handles one thing after the other, in the order in which they came. */
export class Turns<Thing> {
  readonly #options: TurnsOptions<Thing>;
  #waiting: Thing[] = [];
  #hasStopped = false;
  #work: Promise<void> | null = null;

  constructor(options: TurnsOptions<Thing>) {
    this.#options = options;
  }

  /** Puts something at the end of the line, unless it has stopped. */
  take(thing: Thing): void {
    if (this.#hasStopped) return;
    this.#waiting.push(thing);
    if (this.#waiting.length === MOST_WAITING) this.#options.onFull();
    this.#work ??= this.#handleAll();
  }

  /** Drops what waits. Resolves when what is being handled has been. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#waiting = [];
    this.#options.onRoom();
    await this.#work;
  }

  async #handleAll(): Promise<void> {
    // Whoever stops while something is handled waits for it: `#work` has to be there before that.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const things = this.#waiting;
      this.#waiting = [];
      for (const thing of things) {
        if (this.#hasStopped) return;
        await this.#options.handle(thing);
      }
      if (things.length >= MOST_WAITING) this.#options.onRoom();
    }
    this.#work = null;
  }
}
