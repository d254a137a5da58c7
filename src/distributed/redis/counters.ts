import { createHmac } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  type IRateLimiterOptions,
  type IRateLimiterRedisOptions,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';

/** Counts under a keyed hash of whatever is counted, so that Redis never sees an address or a token. */
class HashedCounter extends RateLimiterRedis {
  readonly #secret: string;

  constructor(options: IRateLimiterRedisOptions, secret: string) {
    super(options);
    this.#secret = secret;
  }

  override getKey(key: string): string {
    const hash = createHmac('sha256', this.#secret).update(key).digest('base64url');
    return `${this.keyPrefix}:${hash.slice(0, 22)}`;
  }
}

/**
 * Counts budgets in Redis, together with every other process. While Redis is away each process counts
 * for itself: a limit is then as many times higher as there are processes, and no request waits.
 *
 * @param redis a connection whose commands fail at once while Redis is away
 * @param secret keys the hashes of addresses, of which there are too few for a plain hash to hide them
 */
export const createRedisCounters =
  (redis: Redis, secret: string) =>
  (budget: IRateLimiterOptions): RateLimiterAbstract => {
    const { keyPrefix = '', points } = budget;
    return new HashedCounter(
      {
        ...budget,
        keyPrefix: `sfchat:limit:${keyPrefix}`,
        storeClient: redis,
        rejectIfRedisNotReady: true,
        // Who is refused once is refused from memory until the window is over.
        inMemoryBlockOnConsumed: points + 1,
        insuranceLimiter: new RateLimiterMemory(budget),
      },
      secret,
    );
  };
