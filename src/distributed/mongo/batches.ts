/**
 * Asks for many what is asked for one, and gives each its own answer. What is asked for within one turn of the
 * event loop, or within `windowMs`, goes together, in parts of `most`. While `mostUnderWay` batches are, the next one
 * grows until one of them has its answer and `restMs` are over, or has not had it for long.
 */
export class Batcher<Question, Answer> {
  readonly #options: BatcherOptions<Question, Answer>;
  #waiting: Waiting<Question, Answer>[] = [];
  #underWay = 0;
  #impatience: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions<Question, Answer>) {
    this.#options = options;
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#askSoon();
      this.#waiting.push({ question, resolve, reject });
    });
  }

  #askSoon(): void {
    const { windowMs } = this.#options;
    const go = (): void => {
      this.#askUnlessBusy();
    };
    if (windowMs === undefined) setImmediate(go);
    else setTimeout(go, windowMs).unref();
  }

  #askUnlessBusy(): void {
    const { mostUnderWay = Infinity } = this.#options;
    if (this.#underWay < mostUnderWay) this.#askAll();
    else
      this.#impatience ??= setTimeout(() => {
        this.#askAll();
      }, LONGEST_WAIT_MS);
  }

  /** Whoever has had an answer asks again soon, as a rule, and goes with those who wait. */
  #askAfterRest(): void {
    const { restMs = 0 } = this.#options;
    if (restMs === 0) this.#askUnlessBusy();
    else
      setTimeout(() => {
        if (this.#impatience !== undefined) this.#askUnlessBusy();
      }, restMs);
  }

  #askAll(): void {
    clearTimeout(this.#impatience);
    this.#impatience = undefined;
    const all = this.#waiting;
    this.#waiting = [];
    const { most } = this.#options;
    for (let from = 0; from < all.length; from += most) {
      void this.#askTogether(all.slice(from, from + most));
    }
  }

  /** Each answer is found by its own place, and each may be a refusal of its own. */
  async #askTogether(asked: readonly Waiting<Question, Answer>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const answers = await this.#options.ask(asked.map(({ question }) => question));
      for (const [index, { resolve, reject }] of asked.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('A question of a batch has no answer'));
        else if ('error' in answer) reject(answer.error);
        else resolve(answer.value);
      }
    } catch (error) {
      for (const { reject } of asked) reject(error as Error);
    }
    this.#underWay -= 1;
    // Only what waits for a place: what has just been asked for waits for the end of its turn.
    if (this.#impatience !== undefined) this.#askAfterRest();
  }
}

/** Milliseconds that a batch waits at the most for those under way: one that hangs must not hold up the others. */
const LONGEST_WAIT_MS = 100;

/** What became of one question of a batch. */
export type Answered<Answer> = { readonly value: Answer } | { readonly error: Error };

export interface BatcherOptions<Question, Answer> {
  /** One answer for each question, in their order. What it throws is the answer to all of them. */
  readonly ask: (questions: readonly Question[]) => Promise<readonly Answered<Answer>[]>;
  /** How many go together at the most. */
  readonly most: number;
  /** How many batches are under way at the same time, as a rule; by default any number. */
  readonly mostUnderWay?: number;
  /** How long those who have waited for a place wait on for others; by default not at all. Nobody else does. */
  readonly restMs?: number;
  /** How long the first one waits for others; by default the rest of this turn of the event loop. */
  readonly windowMs?: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}
