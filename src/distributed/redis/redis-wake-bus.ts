import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { ANYTHING, type Changes, type WakeBus } from '../../chat/wake-bus.ts';
import type { Hearing } from './hearing.ts';
import { chunks } from './chunks.ts';
import { hashedKey } from './hashed-key.ts';
import { RedisSubscriptions } from './subscriptions.ts';

/** Wake-ups sent and not yet answered, at the most: what is above is dropped. */
const MOST_UNANSWERED = 20_000;

/** Milliseconds between two attempts to make up for wake-ups that were dropped. */
const MAKE_UP_INTERVAL_MS = 1000;

/** Milliseconds that disconnecting waits for the last wake-ups to leave. */
const SETTLE_TIMEOUT_MS = 250;

export interface RedisWakeBusOptions {
  /** For publishing; its commands must fail at once while Redis is away. May serve other commands, too. */
  readonly publisher: Redis;
  /** For subscribing, and nothing else. */
  readonly subscriber: Redis;
}

/** A bus that knows, too, whether anything was heard for somebody since a moment. */
export interface RedisWakeBus extends WakeBus {
  /** @param endedBy a wake-up that says one of these changes ends what is kept */
  addMemory<Kept>(endedBy: Changes): Hearing<Kept>;
}

/**
 * Wake-ups between processes, by Redis pub/sub: one channel for each participant who is listened for, so
 * that a process receives nothing of the chats that it does not hold, and two connections whatever the
 * number of polls. Within the process they do not need Redis.
 *
 * A message is the name of its sender and the number of what has changed. While Redis is away a wake-up is
 * dropped rather than kept; who has dropped one tells every process to look at everything as soon as it can.
 */
export function createRedisWakeBus({
  publisher: redis,
  subscriber,
}: RedisWakeBusOptions): RedisWakeBus {
  /** Names this process in its messages, which it needs not hear: its own listeners know already. */
  const sender = randomBytes(6).toString('base64url');
  const own = `${sender}:`;
  const subscriptions = new RedisSubscriptions(subscriber, EVERYBODY);
  subscriptions.onMessage = (channel, message) => {
    if (message.startsWith(own)) return;
    if (channel === EVERYBODY) subscriptions.ringAll();
    else subscriptions.ring(channel, parse(message));
  };
  const publisher = new Publisher(redis, sender);

  return {
    listen: (who, onWake) => subscriptions.add(channelOf(who), onWake),
    wake: (who, changes, except) => {
      const channel = channelOf(who);
      subscriptions.ring(channel, changes, except);
      publisher.publish(channel, changes);
    },
    addMemory: <Kept>(endedBy: Changes): Hearing<Kept> => {
      const memory = subscriptions.addMemory(endedBy);
      return {
        mark: (who) => subscriptions.mark(channelOf(who)),
        keep: (who, mark, value) => {
          subscriptions.keep(memory, channelOf(who), mark, value);
        },
        kept: (who) => subscriptions.kept(memory, channelOf(who)) as Kept | undefined,
      };
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

/**
 * Publishes what is asked for within one turn of the event loop together, or while a command is under way, and each
 * channel once.
 */
class Publisher {
  readonly #redis: Redis;
  readonly #sender: string;
  readonly #pending = new Map<string, Changes>();
  readonly #makingUp: NodeJS.Timeout;
  #unanswered = 0;
  #hasDropped = false;

  constructor(redis: Redis, sender: string) {
    this.#redis = redis;
    this.#sender = sender;
    this.#makingUp = setInterval(() => {
      this.#makeUp();
    }, MAKE_UP_INTERVAL_MS).unref();
  }

  publish(channel: string, changes: Changes): void {
    const isFull = this.#unanswered + this.#pending.size >= MOST_UNANSWERED;
    if (this.#redis.status !== 'ready' || isFull) {
      this.#hasDropped = true;
      return;
    }
    if (this.#pending.size === 0 && this.#unanswered === 0) setImmediate(() => void this.#flush());
    this.#pending.set(channel, (this.#pending.get(channel) ?? 0) | changes);
  }

  /** Resolves when everything has been published, or soon if it cannot be. */
  async settle(): Promise<void> {
    clearInterval(this.#makingUp);
    const deadline = Date.now() + SETTLE_TIMEOUT_MS;
    while (this.#pending.size + this.#unanswered > 0 && Date.now() < deadline) await sleep(1);
  }

  /** Nobody knows any more who should have been woken, so everybody looks. */
  #makeUp(): void {
    if (!this.#hasDropped || this.#redis.status !== 'ready') return;
    this.#hasDropped = false;
    this.publish(EVERYBODY, ANYTHING);
  }

  async #flush(): Promise<void> {
    const wakeUps = [...this.#pending].map(([channel, changes]) => `${channel} ${changes}`);
    this.#pending.clear();
    this.#unanswered = wakeUps.length;
    try {
      await Promise.all(chunks(wakeUps).map((chunk) => this.#send(chunk.join('\n'))));
    } catch {
      this.#hasDropped = true;
    }
    this.#unanswered = 0;
    if (this.#pending.size > 0) void this.#flush();
  }

  #send(wakeUps: string): Promise<unknown> {
    return this.#redis.eval(PUBLISH, 0, this.#sender, wakeUps);
  }
}

/** Publishes the changes of many channels, a line each: a command for each channel would cost the driver far more. */
const PUBLISH = `
  for channel, changes in string.gmatch(ARGV[2], '(%S+) (%d+)') do
    redis.call('PUBLISH', channel, ARGV[1] .. ':' .. changes)
  end
`;

/** What a message says; one that says nothing that is known here may mean anything. */
function parse(message: string): Changes {
  const said = message.slice(message.indexOf(':') + 1);
  const changes = /^[0-9]{1,9}$/.test(said) ? Number(said) : 0;
  const isKnown = changes > 0 && (changes | ANYTHING) === ANYTHING;
  return isKnown ? changes : ANYTHING;
}

/** What is listened to for a participant. */
const channelOf = hashedKey('sfchat:wake');

/** What every process listens to. */
const EVERYBODY = 'sfchat:wake:everybody';
