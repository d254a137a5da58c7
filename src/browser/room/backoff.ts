export interface Backoff {
  /** How long to wait before the next try, in milliseconds; never less than the server asked for. */
  next(retryAfter?: number): number;
  /** To be called after a success. */
  reset(): void;
}

export interface BackoffOptions {
  shortest?: number;
  longest?: number;
  /** Uniform in [0, 1). */
  random?: () => number;
}

/**
 * Capped exponential back-off. Half of each wait is jitter, so that the browsers that lost the same
 * server do not all come back in the same instant.
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { shortest = 1_000, longest = 30_000, random = Math.random } = options;
  let failures = 0;
  return {
    next(retryAfter = 0) {
      const ceiling = Math.min(longest, shortest * 2 ** (failures + 1));
      failures += 1;
      const wait = ceiling / 2 + (random() * ceiling) / 2;
      return Math.round(Math.max(wait, retryAfter + random() * shortest));
    },
    reset() {
      failures = 0;
    },
  };
}
