import type { Logger } from 'pino';

/** Milliseconds without a failure after which a success means that the storage is back, and not only partly. */
const QUIET_MS = 1000;

/**
 * Says one line when a storage that has answered goes away, and one when it is back. While it has never
 * answered, who prepares it says why.
 */
export class Availability {
  readonly #logger: Logger | undefined;
  #state: 'unknown' | 'there' | 'away' = 'unknown';
  #failedAt = 0;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  answered(): void {
    if (this.#state === 'there') return;
    if (this.#state === 'away') {
      if (performance.now() - this.#failedAt < QUIET_MS) return;
      this.#logger?.info('storage is back');
    }
    this.#state = 'there';
  }

  /** @param error whose contents may be logged */
  failed(error: unknown): void {
    this.#failedAt = performance.now();
    if (this.#state !== 'there') return;
    this.#state = 'away';
    this.#logger?.error({ error }, 'storage is away');
  }
}
