/** What to keep, for how long, and on whose account. */
export interface ExpiringValue {
  /** Found by this; nobody can guess it. */
  readonly key: string;
  readonly value: string;
  /** Of one owner's values only the newest `MOST_VALUES_PER_OWNER` stay: nobody fills the memory. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly lifetimeMs: number;
}

/** Values that one owner has at the most; one more ends the oldest. */
export const MOST_VALUES_PER_OWNER = 5;

/**
 * Small values that are forgotten by themselves and are never on a disk of ours, such as what a temporary
 * token stands for. Both operations reject with `StorageUnavailable` while they cannot be done.
 *
 * Any adapter must pass `test/contract/expiring-values.ts`.
 */
export interface ExpiringValues {
  keep(value: ExpiringValue): Promise<void>;
  /** The value of a key; `null`: never kept, or forgotten at `now` (ms since the epoch). */
  find(key: string, now: number): Promise<string | null>;
}
