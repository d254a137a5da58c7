import { randomInt } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/** Milliseconds after which a command counts as failed: whoever waits for it goes on without Redis. */
const COMMAND_TIMEOUT_MS = 500;

/**
 * Milliseconds without an answer after which a connection counts as dead and is made anew. A Redis that
 * hangs, or a network that swallows packets, would otherwise look healthy.
 */
const SOCKET_TIMEOUT_MS = 1000;

/** Milliseconds between two signs of life that are asked of Redis. */
const HEARTBEAT_INTERVAL_MS = 1000;

/** Milliseconds between two attempts to connect, at the most: how long a return stays unnoticed. */
const LONGEST_RETRY_MS = 1000;

const retryStrategy = (times: number): number =>
  Math.min(50 * 2 ** Math.min(times, 6), LONGEST_RETRY_MS) + randomInt(100);

/**
 * For what serves requests: while Redis is away every command fails at once. Nothing is queued, nothing
 * is sent twice, and nothing waits.
 */
const failingFast = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  // What is asked for within one turn of the event loop is written at once.
  enableAutoPipelining: true,
  socketTimeout: SOCKET_TIMEOUT_MS,
} satisfies RedisOptions;

/** For BullMQ workers: commands wait for Redis, which is what BullMQ demands of its connections. */
const waiting = { maxRetriesPerRequest: null } satisfies RedisOptions;

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`, credentials included; never logged. */
  readonly url: string;
  /** What the connection is for: shown in logs and in Redis' own list of clients. */
  readonly name: string;
  readonly logger: Logger;
  /** Commands wait while Redis is away instead of failing at once. */
  readonly waits?: boolean;
}

/**
 * Opens a connection that comes back by itself, for as long as the process lives. Returns before it is
 * established: a process starts whether or not Redis is there. Its changes of state are logged, one line each.
 *
 * @throws Error with one line when the URL cannot be understood
 */
export function connectRedis({ url, name, logger, waits = false }: RedisConnectionOptions): Redis {
  const redis = new Redis(url, {
    ...(waits ? waiting : failingFast),
    connectTimeout: 2000,
    connectionName: `sfchat-${name}`,
    retryStrategy,
  });
  if (!Number.isInteger(redis.options.db)) {
    redis.disconnect();
    throw new Error('Invalid database number');
  }
  logChanges(redis, logger.child({ connection: name }));
  if (!waits) keepBusy(redis);
  return redis;
}

/** A connection that nobody uses could be dead for hours before anybody notices: this uses it. */
function keepBusy(redis: Redis): void {
  const timer = setInterval(() => {
    if (redis.status === 'ready') redis.ping().catch(() => undefined);
  }, HEARTBEAT_INTERVAL_MS).unref();
  redis.once('end', () => {
    clearInterval(timer);
  });
}

/** One line when Redis goes away and one when it is back, whatever the number of attempts between. */
function logChanges(redis: Redis, logger: Logger): void {
  let isAway = false;
  // Only the message: a reply error carries its command, and that may be the one with the password.
  const away = (reason: string): void => {
    if (!isAway) logger.warn({ reason }, 'Redis is away');
    isAway = true;
  };
  redis.on('error', (error: Error) => {
    away(error.message);
  });
  redis.on('reconnecting', () => {
    away('connection closed');
  });
  redis.on('ready', () => {
    if (isAway) logger.info('Redis is back');
    isAway = false;
  });
}
