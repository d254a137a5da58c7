import { MOST_VALUES_PER_OWNER, type ExpiringValues } from '../chat/expiring-values.ts';

interface Kept {
  readonly value: string;
  readonly owner: string;
  readonly end: number;
}

/** Expiring values in the memory of the one process. */
export function createExpiringValuesInMemory(): ExpiringValues {
  const kept = new Map<string, Kept>();
  /** The keys of each owner, oldest first. */
  const byOwner = new Map<string, Set<string>>();

  const forget = (key: string): void => {
    const owner = kept.get(key)?.owner ?? '';
    kept.delete(key);
    const keys = byOwner.get(owner);
    if (keys?.delete(key) === true && keys.size === 0) byOwner.delete(owner);
  };

  /** They are kept in the order in which they came, which is about that of their ends. */
  const forgetOver = (now: number): void => {
    for (const [key, { end }] of kept) {
      if (end > now) return;
      forget(key);
    }
  };

  return {
    keep: ({ key, value, owner, at, lifetimeMs }) => {
      forgetOver(at);
      forget(key);
      kept.set(key, { value, owner, end: at + lifetimeMs });
      const keys = (byOwner.get(owner) ?? new Set()).add(key);
      byOwner.set(owner, keys);
      const [oldest] = keys;
      if (keys.size > MOST_VALUES_PER_OWNER && oldest !== undefined) forget(oldest);
      return Promise.resolve();
    },
    find: (key, now) => {
      const found = kept.get(key);
      return Promise.resolve(found !== undefined && found.end > now ? found.value : null);
    },
  };
}
