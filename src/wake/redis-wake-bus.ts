import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Token } from '../chat/chat.ts';
import { RedisSubscriptions } from './redis-subscriptions.ts';
import type { WakeBus } from './wake-bus.ts';

/** Wake-ups sent and not yet answered, at the most: what is above is dropped, and an iteration finds it. */
const MOST_UNANSWERED = 20_000;

export interface RedisWakeBusOptions {
  /** For publishing; its commands must fail at once while Redis is away. May serve other commands, too. */
  readonly publisher: Redis;
  /** For subscribing, and nothing else. */
  readonly subscriber: Redis;
}

/**
 * Wake-ups between processes, by Redis pub/sub: one channel for each user token that is listened for, so
 * that a process receives nothing of the chats that it does not hold, and two connections whatever the
 * number of polls. Within the process they do not need Redis.
 *
 * While Redis is away a wake-up is dropped rather than kept: whoever waits looks again by itself.
 */
export function redisWakeBus({ publisher, subscriber }: RedisWakeBusOptions): WakeBus {
  /** Names this process in its messages, which it needs not hear: its own listeners know already. */
  const sender = randomBytes(6).toString('base64url');
  const subscriptions = new RedisSubscriptions(subscriber);
  subscriptions.onMessage = (channel, from) => {
    if (from !== sender) subscriptions.ring(channel);
  };
  const publish = publishing(publisher, sender);

  return {
    listen: (userToken, onWake) => subscriptions.add(channelOf(userToken), onWake),
    wake: (userToken) => {
      const channel = channelOf(userToken);
      subscriptions.ring(channel);
      publish(channel);
    },
    isHealthy: () => publisher.status === 'ready' && subscriptions.isComplete(),
    disconnect: () => {
      subscriptions.stop();
      subscriber.disconnect();
      publisher.disconnect();
      return Promise.resolve();
    },
  };
}

/** Publishes what is asked for within one turn of the event loop together, and each channel once. */
function publishing(redis: Redis, sender: string): (channel: string) => void {
  const pending = new Set<string>();
  let unanswered = 0;
  const flush = (): void => {
    const pipeline = redis.pipeline();
    for (const channel of pending) pipeline.publish(channel, sender);
    const count = pending.size;
    pending.clear();
    unanswered += count;
    pipeline
      .exec()
      .catch(() => undefined)
      .finally(() => (unanswered -= count));
  };
  return (channel) => {
    if (redis.status !== 'ready' || unanswered + pending.size >= MOST_UNANSWERED) return;
    if (pending.size === 0) setImmediate(flush);
    pending.add(channel);
  };
}

/** What is listened to for a user token. Whoever watches Redis learns that somebody was woken, not who. */
const channelOf = (userToken: Token): string =>
  `sfchat:wake:${createHash('sha256').update(userToken).digest('base64url').slice(0, 22)}`;
