import type { Clock } from '../chat/clock.ts';
import { sleep } from './connection/sleep.ts';

/** Something changes now and then, and some wait for that. */
export interface Changes {
  /** Wakes all who wait. */
  tell: () => void;
  /** Resolves at the next change. */
  next(): Promise<void>;
  /** Resolves when a change has made it true, or after so many milliseconds. */
  until(isTrue: () => boolean, withinMs: number): Promise<void>;
}

/** Creates changes of which none has come. */
export function createChanges(clock: Clock): Changes {
  let waiting: (() => void)[] = [];
  return {
    tell() {
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    async until(isTrue, withinMs) {
      const enough = new AbortController();
      const look = (): void => {
        if (isTrue()) enough.abort();
        else waiting.push(look);
      };
      look();
      await sleep(clock, withinMs, enough.signal);
    },
  };
}
