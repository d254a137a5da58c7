/**
 * Asks for many what is asked for one, and gives each its own answer. What is asked for within one turn of the
 * event loop, or within `windowMs`, goes together, in parts of `most`.
 */
export class Batcher<Question, Answer> {
  readonly #options: BatcherOptions<Question, Answer>;
  #waiting: Waiting<Question, Answer>[] = [];

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
      this.#askAll();
    };
    if (windowMs === undefined) setImmediate(go);
    else setTimeout(go, windowMs).unref();
  }

  #askAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    const { most } = this.#options;
    for (let from = 0; from < all.length; from += most) {
      void this.#askTogether(all.slice(from, from + most));
    }
  }

  /** Each answer is found by its own place, and each may be a refusal of its own. */
  async #askTogether(asked: readonly Waiting<Question, Answer>[]): Promise<void> {
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
  }
}

/** What became of one question of a batch. */
export type Answered<Answer> = { readonly value: Answer } | { readonly error: Error };

export interface BatcherOptions<Question, Answer> {
  /** One answer for each question, in their order. What it throws is the answer to all of them. */
  readonly ask: (questions: readonly Question[]) => Promise<readonly Answered<Answer>[]>;
  /** How many go together at the most. */
  readonly most: number;
  /** How long the first one waits for others; by default the rest of this turn of the event loop. */
  readonly windowMs?: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}
