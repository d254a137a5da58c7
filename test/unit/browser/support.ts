import type { Clock } from '../../../src/browser/room/clock.ts';
import type { KeyValueStore } from '../../../src/browser/session/tab-storage.ts';

/** Lets everything run that waits for nothing but other promises. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export interface ManualClock extends Clock {
  /** Moves the time; who sleeps no longer than that wakes up. */
  advance(ms: number): Promise<void>;
  sleepers(): number;
}

interface Sleeper {
  until: number;
  finish: () => void;
}

/** A clock that stands still until the test moves it. */
export function manualClock(start = 0): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    sleep: (ms, wake) =>
      new Promise((resolve) => {
        const sleeper: Sleeper = {
          until: now + ms,
          finish() {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        wake?.addEventListener('abort', sleeper.finish);
        if (wake?.aborted) sleeper.finish();
      }),
    async advance(ms) {
      await settle();
      now += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.finish();
      await settle();
    },
    sleepers: () => sleepers.size,
  };
}

/** A storage like the browser's, in memory; `full` makes it refuse to write. */
export function memoryStore(): KeyValueStore & { full: boolean; keys(): string[] } {
  const values = new Map<string, string>();
  return {
    full: false,
    getItem: (key) => values.get(key) ?? null,
    setItem(key, value) {
      if (this.full) throw new Error('QuotaExceededError');
      values.set(key, value);
    },
    removeItem(key) {
      values.delete(key);
    },
    keys: () => [...values.keys()],
  };
}
