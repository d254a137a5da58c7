import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Settings } from '../config/settings.ts';
import { openTerminationQueue, type TerminationQueue } from './distributed/queue/termination-queue.ts';
import type { MakeCounter } from './http/limits.ts';
import { lateStore } from './late-store.ts';
import { createLogger } from './process/logger.ts';
import { timingOf } from './timing.ts';
import { redisCounters } from './distributed/redis/counters.ts';
import { connectRedis } from './distributed/redis/connection.ts';
import type { ChatStore } from './chat/chat-store.ts';
import { lockDirectory } from './embedded/directory-lock.ts';
import { MongoChatStore } from './distributed/mongo/mongo-chat-store.ts';
import { SqliteChatStore } from './embedded/sqlite-chat-store.ts';
import { localWakeBus } from './embedded/local-wake-bus.ts';
import { redisWakeBus } from './distributed/redis/redis-wake-bus.ts';
import type { WakeBus } from './chat/wake-bus.ts';

/** What one mode runs on. */
export interface Backend {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly makeCounter: MakeCounter;
  /**
   * Where the termination job is asked for when workers run it; without it, whoever has the backend
   * runs it in its own process (`workers/terminate-chats.ts`).
   */
  readonly termination?: { readonly queue: TerminationQueue };
  /** Makes this process the only server, where there can be only one; throws if there is another. */
  readonly serveAlone?: () => void;
  readonly disconnect: () => Promise<void>;
}

/**
 * The one place that knows which adapters a mode uses, and how to close them. Servers that are away do
 * not keep it from opening: what needs them fails until they are back, and says so to `logger`.
 */
export function openBackend(
  settings: Settings,
  logger: Logger = createLogger('silent'),
): Promise<Backend> {
  const isDistributed = settings.mode === 'distributed';
  return Promise.resolve(isDistributed ? distributed(settings, logger) : embedded(settings));
}

function embedded({ dataDir }: Settings): Backend {
  const store = explained(dataDir, () => new SqliteChatStore({ dataDir }));
  const wakeBus = localWakeBus();
  return {
    store,
    wakeBus,
    makeCounter: ({ name, points, seconds }) =>
      new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
    serveAlone: () => {
      if (dataDir !== ':memory:')
        explained(dataDir, () => {
          lockDirectory(dataDir);
        });
    },
    disconnect: async () => {
      await wakeBus.disconnect();
      await store.disconnect();
    },
  };
}

/** Names the setting that somebody has to look at. */
function explained<Result>(dataDir: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`DATA_DIR ${dataDir} cannot be used: ${reason}`, { cause: error });
  }
}

function distributed(settings: Settings, logger: Logger): Backend {
  const { mongodbUri: uri = '', redisUrl: url = '' } = settings;
  const timing = timingOf(settings);
  const store = lateStore(() => MongoChatStore.connect({ uri, timing }), logger);
  const commands = connectRedis({ url, name: 'commands', logger });
  const subscriber = connectRedis({ url, name: 'wake-ups', logger });
  const wakeBus = redisWakeBus({ publisher: commands, subscriber });
  const termination = lateQueue(() => connectRedis({ url, name: 'queue', logger }));
  return {
    store,
    wakeBus,
    makeCounter: redisCounters(commands, secretOf(uri, url)),
    termination,
    disconnect: async () => {
      await termination.disconnect();
      await wakeBus.disconnect();
      await store.disconnect();
    },
  };
}

/** The queue with a connection of its own, opened by the first who asks: most processes never do. */
function lateQueue(connect: () => Redis) {
  let opened: { readonly queue: TerminationQueue; readonly redis: Redis } | null = null;
  const open = () => {
    const redis = connect();
    return { redis, queue: openTerminationQueue(redis) };
  };
  return {
    get queue(): TerminationQueue {
      opened ??= open();
      return opened.queue;
    },
    disconnect: async (): Promise<void> => {
      opened?.redis.disconnect();
      await opened?.queue.close();
    },
  };
}

/**
 * The key of hashes in Redis. All processes of a deployment have it, nobody has to configure it, and
 * whoever reads Redis alone does not know it: the other half is MongoDB's address with its password.
 */
const secretOf = (mongodbUri: string, redisUrl: string): string =>
  createHash('sha256').update(`${mongodbUri}\n${redisUrl}`).digest('base64');
