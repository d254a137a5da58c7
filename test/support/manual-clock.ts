import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/chat/clock.ts';

interface Timer {
  readonly time: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  /** What the machine's time is when none has passed. */
  #start: number;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = Date.now()) {
    this.#start = start;
  }

  /** How many timers have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** Sets the machine's time back, as somebody may who corrects it; no less time passes for that. */
  setBack(milliseconds: number): void {
    this.#start -= milliseconds;
  }

  /** Sets it forward. */
  setForward(milliseconds: number): void {
    this.#start += milliseconds;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { time: this.#elapsed + milliseconds, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves on, runs every timer at its own time, and lets what each sets off run to its next wait. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.time);
      next.run();
      await setImmediate();
    }
    this.#elapsed = end;
    await setImmediate();
  }

  #nextDue(end: number): Timer | undefined {
    return [...this.#timers]
      .filter(({ time }) => time <= end)
      .sort((one, other) => one.time - other.time)[0];
  }
}
