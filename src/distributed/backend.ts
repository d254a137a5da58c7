import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Settings } from '../../config/settings.ts';
import type { ChatStore } from '../chat/chat-store.ts';
import { systemClock } from '../chat/clock.ts';
import type { MakeCounter } from '../chat/counter.ts';
import type { ExpiringValues } from '../chat/expiring-values.ts';
import type { TerminationLog } from '../chat/termination-log.ts';
import type { RunOptions, RunTermination, Terminate } from '../chat/termination-run.ts';
import type { TypingSignals } from '../chat/typing.ts';
import { ANYTHING, changed, type WakeBus } from '../chat/wake-bus.ts';
import { Refusal } from '../process/run-process.ts';
import { withInboxMemory } from './inbox-memory.ts';
import { inServerTime, typingInServerTime } from './mongo/in-server-time.ts';
import { createMongoChatStore } from './mongo/mongo-chat-store.ts';
import { ServerClock } from './mongo/server-clock.ts';
import { runInQueue } from './queue/run-in-queue.ts';
import type { TerminationQueue } from './queue/termination-queue.ts';
import type { WorkOptions } from './queue/termination-worker.ts';
import { connectRedis } from './redis/connection.ts';
import { createRedisCounters } from './redis/counters.ts';
import { createRedisExpiringValues } from './redis/expiring-values.ts';
import { createRedisTerminationLog } from './redis/termination-log.ts';
import { createRedisWakeBus } from './redis/redis-wake-bus.ts';
import { createRedisTypingSignals } from './redis/typing-signals.ts';
import { withTypingMemory } from './typing-memory.ts';

/** What distributed mode runs on: any number of web processes and workers over MongoDB and Redis. */
export interface DistributedBackend {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly typing: TypingSignals;
  readonly expiringValues: ExpiringValues;
  readonly makeCounter: MakeCounter;
  /** What all workers have in common. */
  readonly terminationLog: TerminationLog;
  readonly pingWake: () => Promise<void>;
  /** Asks a worker to run the job. */
  readonly runTermination: (terminate: Terminate, options: RunOptions) => RunTermination;
  /** What a worker does; resolves when it has been told to stop and has wound up. */
  readonly work: (terminate: Terminate, options: WorkOptions) => Promise<void>;
  /** Opens the queue of the workers, for looking at. Only with `ADMIN_PASSWORD`: nobody else may look. */
  readonly openQueue?: () => TerminationQueue;
  readonly disconnect: () => Promise<void>;
}

/**
 * Opens the connections of distributed mode. Returns before they are established: what needs a server that
 * is away fails until it is back, and says so to `logger`.
 *
 * @throws Refusal with one line when an address cannot be understood; it does not quote credentials
 */
export async function openDistributed(
  settings: Settings,
  logger: Logger,
): Promise<DistributedBackend> {
  const { redisUrl: url = '', mongodbUri: uri = '' } = settings;
  const connect = (name: string, waits = false): Redis =>
    connectRedis({ url, name, logger, waits });
  const commands = explained('REDIS_URL', () => connect('commands'));
  const serverClock = new ServerClock();
  const store = explained('MONGODB_URI', () => openStore(settings, logger, serverClock), commands);
  const wakeBus = createRedisWakeBus({
    publisher: commands,
    subscriber: connect('wake-ups'),
  });
  const terminationLog = inServerTime(createRedisTerminationLog(commands), serverClock);
  const typing = typingInServerTime(createRedisTypingSignals(commands), serverClock);
  const queue = lateQueue(() => connect('queue'));

  return {
    store: withInboxMemory(store, wakeBus.addMemory(ANYTHING)),
    wakeBus,
    typing: withTypingMemory(typing, wakeBus.addMemory(changed.typing)),
    expiringValues: createRedisExpiringValues(commands),
    makeCounter: createRedisCounters(commands, secretOf(uri, url)),
    terminationLog,
    pingWake: async () => {
      await commands.ping();
    },
    runTermination: (_terminate, options) =>
      runInQueue(async () => (await queue.load())(), options),
    work: async (terminate, options) => {
      const { workOnQueue } = await import('./queue/termination-worker.ts');
      const open = await queue.load();
      const connections = { redis: connect('worker', true), queue: open(), logger };
      const onAlive = (): void => void terminationLog.noteWorker(systemClock.now());
      await workOnQueue(terminate, { ...options, onAlive }, connections);
    },
    ...(settings.adminPassword !== undefined && { openQueue: await queue.load() }),
    disconnect: async () => {
      await queue.disconnect();
      await wakeBus.disconnect();
      await store.disconnect();
    },
  };
}

const openStore = (settings: Settings, logger: Logger, serverClock: ServerClock): ChatStore =>
  createMongoChatStore({
    uri: settings.mongodbUri ?? '',
    timing: settings,
    absenceCloseAfterMs: settings.absenceCloseAfterMs,
    logger,
    serverClock,
  });

/** Names the setting that somebody has to look at, and closes what is open already. */
function explained<Result>(variable: string, step: () => Result, opened?: Redis): Result {
  try {
    return step();
  } catch (error) {
    opened?.disconnect();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${variable} cannot be used: ${reason}`);
  }
}

/**
 * The queue with a connection of its own, opened by the first who asks. BullMQ is loaded as late: it takes
 * a web process without administration ten megabytes for nothing.
 */
function lateQueue(connect: () => Redis) {
  let opened: { readonly queue: TerminationQueue; readonly redis: Redis } | null = null;
  return {
    /** Gives how to open the queue, however often. */
    load: async (): Promise<() => TerminationQueue> => {
      const { openTerminationQueue } = await import('./queue/termination-queue.ts');
      return () => {
        if (opened === null) {
          const redis = connect();
          opened = { redis, queue: openTerminationQueue(redis) };
        }
        return opened.queue;
      };
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
