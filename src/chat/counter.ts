/** How much of something one key may use in a window of time, which begins with its first use. */
export interface Budget {
  /** Names the budget among all others. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** Milliseconds until the budget is whole again; 0: what was asked for was in it. At once, or a promise of it. */
export type Wait = number | Promise<number>;

/** Counts what each key has used of one budget: in this process, or shared with others. */
export interface Counter {
  /** Uses points up, whether or not they are there. */
  consume(key: string, points?: number): Wait;
  /** Uses nothing up; 0 while anything is left. */
  wait(key: string): Wait;
}

export type MakeCounter = (budget: Budget) => Counter;

interface Window {
  used: number;
  /** On the clock of `performance.now`. */
  readonly end: number;
}

/**
 * Keys that one counter remembers. Whoever comes from that many addresses in one window is not to be counted,
 * and must not use up the memory either: the oldest window is forgotten then.
 */
export const MOST_KEYS = 100_000;

/** Counts in the memory of one process, without a promise or a timer for each use. */
export function createCounterInMemory(
  { points: most, seconds }: Budget,
  now: () => number = () => performance.now(),
): Counter {
  /** In the order of their ends, since all windows are of one length. */
  const windows = new Map<string, Window>();

  const forgetOver = (time: number): void => {
    for (const [key, { end }] of windows) {
      if (end > time && windows.size <= MOST_KEYS) return;
      windows.delete(key);
    }
  };

  const waitFor = ({ end }: Window, time: number): number => Math.max(1, end - time);

  return {
    consume: (key, points = 1) => {
      const time = now();
      let window = windows.get(key);
      if (window === undefined || window.end <= time) {
        windows.delete(key);
        window = { used: 0, end: time + seconds * 1000 };
        windows.set(key, window);
        forgetOver(time);
      }
      window.used += points;
      return window.used > most ? waitFor(window, time) : 0;
    },
    wait: (key) => {
      const time = now();
      const window = windows.get(key);
      const isUsedUp = window !== undefined && window.end > time && window.used >= most;
      return isUsedUp ? waitFor(window, time) : 0;
    },
  };
}
