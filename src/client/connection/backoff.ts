export interface Backoff {
  /** How long to wait before the next try, in milliseconds; never less than the server asked for. */
  next(retryAfterMs?: number): number;
  /** To be called after a success. */
  reset(): void;
}

export interface BackoffOptions {
  shortestMs?: number;
  longestMs?: number;
  /** Uniform in [0, 1). */
  random?: () => number;
}

/**
 * Capped exponential back-off. Half of each wait is jitter, so that the clients that lost the same
 * server do not all come back in the same instant.
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  // eslint-disable-next-line no-restricted-properties -- jitter is no secret
  const { shortestMs = 1_000, longestMs = 30_000, random = Math.random } = options;
  let failures = 0;
  return {
    next(retryAfterMs = 0) {
      const ceilingMs = Math.min(longestMs, shortestMs * 2 ** (failures + 1));
      failures += 1;
      const waitMs = ceilingMs / 2 + (random() * ceilingMs) / 2;
      return Math.round(Math.max(waitMs, retryAfterMs + random() * shortestMs));
    },
    reset() {
      failures = 0;
    },
  };
}
