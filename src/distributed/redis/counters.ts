import { createHmac } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  RateLimiterRedis,
  RateLimiterRes,
  type IRateLimiterRedisOptions,
} from 'rate-limiter-flexible';
import { remembered } from './hashed-key.ts';
import { createCounterInMemory, type Budget, type Counter } from '../../chat/counter.ts';

/** Counts under a keyed hash of whatever is counted, so that Redis never sees an address or a token. */
class HashedCounter extends RateLimiterRedis {
  readonly #nameOf: (key: string) => string;

  constructor(options: IRateLimiterRedisOptions, secret: string) {
    super(options);
    this.#nameOf = remembered((key) => {
      const hash = createHmac('sha256', secret).update(key).digest('base64url');
      return `${this.keyPrefix}:${hash.slice(0, 22)}`;
    });
  }

  override getKey(key: string): string {
    return this.#nameOf(key);
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
  (budget: Budget): Counter => {
    const { name, points, seconds } = budget;
    const shared = new HashedCounter(
      {
        points,
        duration: seconds,
        keyPrefix: `sfchat:limit:${name}`,
        storeClient: redis,
        rejectIfRedisNotReady: true,
        // Who is refused once is refused from memory until the window is over.
        inMemoryBlockOnConsumed: points + 1,
      },
      secret,
    );
    const alone = createCounterInMemory(budget);
    return {
      consume: async (key, used = 1) => {
        try {
          await shared.consume(key, used);
          return 0;
        } catch (refusal) {
          return refusal instanceof RateLimiterRes
            ? Math.max(1, refusal.msBeforeNext)
            : alone.consume(key, used);
        }
      },
      wait: async (key) => {
        try {
          const used = await shared.get(key);
          return used !== null && used.consumedPoints >= points
            ? Math.max(1, used.msBeforeNext)
            : 0;
        } catch {
          return alone.wait(key);
        }
      },
    };
  };
