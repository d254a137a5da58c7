import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { WakeBus } from '../../chat/wake-bus.ts';
import { hashedKey } from './hashed-key.ts';
import { RedisSubscriptions } from './subscriptions.ts';

/** Wake-ups sent and not yet answered, at the most: what is above is dropped, and an iteration finds it. */
const MOST_UNANSWERED = 20_000;

/** Milliseconds that disconnecting waits for the last wake-ups to leave. */
const SETTLE_TIMEOUT_MS = 250;

export interface RedisWakeBusOptions {
  /** For publishing; its commands must fail at once while Redis is away. May serve other commands, too. */
  readonly publisher: Redis;
  /** For subscribing, and nothing else. */
  readonly subscriber: Redis;
}

/**
 * Wake-ups between processes, by Redis pub/sub: one channel for each user id that is listened for, so
 * that a process receives nothing of the chats that it does not hold, and two connections whatever the
 * number of polls. Within the process they do not need Redis.
 *
 * While Redis is away a wake-up is dropped rather than kept: whoever waits looks again by itself.
 */
export function createRedisWakeBus({ publisher: redis, subscriber }: RedisWakeBusOptions): WakeBus {
  /** Names this process in its messages, which it needs not hear: its own listeners know already. */
  const sender = randomBytes(6).toString('base64url');
  const subscriptions = new RedisSubscriptions(subscriber);
  subscriptions.onMessage = (channel, from) => {
    if (from !== sender) subscriptions.ring(channel);
  };
  const publisher = new Publisher(redis, sender);

  return {
    listen: (userId, onWake) => subscriptions.add(channelOf(userId), onWake),
    wake: (userId) => {
      const channel = channelOf(userId);
      subscriptions.ring(channel);
      publisher.publish(channel);
    },
    isHealthy: () => redis.status === 'ready' && subscriptions.isComplete(),
    disconnect: async () => {
      subscriptions.stop();
      subscriber.disconnect();
      await publisher.settle();
      redis.disconnect();
    },
  };
}

/** Publishes what is asked for within one turn of the event loop together, and each channel once. */
class Publisher {
  readonly #redis: Redis;
  readonly #sender: string;
  readonly #pending = new Set<string>();
  #unanswered = 0;

  constructor(redis: Redis, sender: string) {
    this.#redis = redis;
    this.#sender = sender;
  }

  publish(channel: string): void {
    const isFull = this.#unanswered + this.#pending.size >= MOST_UNANSWERED;
    if (this.#redis.status !== 'ready' || isFull) return;
    if (this.#pending.size === 0) setImmediate(() => void this.#flush());
    this.#pending.add(channel);
  }

  /** Resolves when everything has been published, or soon if it cannot be. */
  async settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_TIMEOUT_MS;
    while (this.#pending.size + this.#unanswered > 0 && Date.now() < deadline) await sleep(1);
  }

  async #flush(): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const channel of this.#pending) pipeline.publish(channel, this.#sender);
    const count = this.#pending.size;
    this.#pending.clear();
    this.#unanswered += count;
    await pipeline.exec().catch(() => undefined);
    this.#unanswered -= count;
  }
}

/** What is listened to for a user id. */
const channelOf = hashedKey('sfchat:wake');
