import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Milliseconds between the end of an attempt and the next one. */
export const RETRY_INTERVAL_MS = 2000;

export interface IndexKeeperOptions {
  /** Rejects when the database is away or refuses; is then called again. */
  readonly makeIndexes: () => Promise<void>;
  readonly logger?: Logger | undefined;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  readonly pause?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Makes the indexes in the background, as soon as the database lets it; the store works without them, only
 * slower. Says once when the storage cannot be used yet, again when the reason is another, and once when
 * it can. Returns how to stop.
 */
export function startIndexKeeper(options: IndexKeeperOptions): () => void {
  const { makeIndexes, logger, pause = waitFor } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let reason = '';

  const attempt = async (): Promise<boolean> => {
    try {
      await makeIndexes();
      if (!signal.aborted) logger?.info('storage is ready');
      return true;
    } catch (error) {
      if (!signal.aborted && reasonOf(error) !== reason) {
        reason = reasonOf(error);
        logger?.error({ error }, 'storage cannot be used yet, trying again');
      }
      return false;
    }
  };
  const persist = async (): Promise<void> => {
    while (!signal.aborted && !(await attempt())) await pause(RETRY_INTERVAL_MS, signal);
  };
  void persist();
  return () => {
    stopping.abort();
  };
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
};

const waitFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
