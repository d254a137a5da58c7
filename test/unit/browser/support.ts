import type { KeyValueStore } from '../../../src/browser/session/tab-storage.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Lets everything run that waits for nothing but other promises. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until the test moves it. */
export class PageClock extends ManualClock {
  /** Lets what is under way reach its next wait, and only then moves on. */
  override async advance(milliseconds: number): Promise<void> {
    await settle();
    await super.advance(milliseconds);
  }
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
    key: (index) => [...values.keys()][index] ?? null,
    get length() {
      return values.size;
    },
    keys: () => [...values.keys()],
  };
}
