import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import {
  startMongoProxy,
  type Fault as MongoFault,
  type MongoProxy,
} from '../../support/mongo-proxy.ts';
import { clockJumps, commonSettings, fakeClock, type Service } from './embedded.ts';
import { killDuringSends, networkFaults, restart, type Fault, type KillOptions } from './faults.ts';
import { sendAsPollsBegin } from './first-polls.ts';
import { killWhileWritesHang } from './held-writes.ts';
import { freePort, Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { stopUnderHeldPolls } from './stopping.ts';
import { killDuringTermination } from './termination.ts';

/** The commands that break and mend a MongoDB server, as the tests of outages take them. */
const commands = ['MONGODB_PAUSE', 'MONGODB_RESUME', 'MONGODB_KILL', 'MONGODB_START'] as const;

/** Milliseconds for which a server is silent. */
const SILENCE_MS = 1500;

/** What is missing, or `null`. */
export function whatDistributedNeeds(): string | null {
  const missing = ['MONGODB_VICTIM_URI', ...commands].filter((name) => !process.env[name]);
  if (spawnSync('redis-server', ['--version']).status !== 0) missing.push('redis-server');
  return missing.length === 0 ? null : missing.join(', ');
}

const run = (command: (typeof commands)[number]): Promise<void> => {
  const child = spawn('sh', ['-c', process.env[command] ?? 'false'], { stdio: 'ignore' });
  return once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`${command} failed`);
  });
};

/** Two web processes and a worker over one MongoDB and one Redis, all of which break. */
export async function startDistributed(stage: Stage): Promise<Service> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-campaign-'));
  const database = `sfchat_campaign_${process.pid}`;
  const uri = new URL(process.env['MONGODB_VICTIM_URI'] ?? '');
  uri.pathname = `/${database}`;
  const mongo = await startMongoProxy(uri.href);
  const redis = await DisposableRedis.start(directory);
  const clocks = ['web-1', 'web-2', 'worker'].flatMap((name) => fakeClock(directory, name) ?? []);
  const environment = {
    ...commonSettings,
    SFCHAT_MODE: 'distributed',
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
  };
  const withClock = (index: number) => ({ ...environment, ...clocks[index]?.environment });
  const webs = [
    new Supervised('src/server.js', await freePort(), withClock(0)),
    new Supervised('src/server.js', await freePort(), withClock(1)),
  ] as const;
  const worker = new Supervised('workers/worker.js', 0, withClock(2));
  const steadyRedis = await DisposableRedis.start(directory);
  const aside = new URL(uri);
  aside.pathname += '_aside';
  const mongoOfAside = await startMongoProxy(aside.href);
  const asides = await createAsides({
    stage,
    uri: aside.href,
    mongo: mongoOfAside,
    redisUrl: redis.url,
    steadyRedisUrl: steadyRedis.url,
  });
  await Promise.all([...webs, worker].map((one) => one.start()));
  stage.proxy.upstreams = webs.map(({ port }) => port);
  const kills = webs.map((web): KillOptions => ({
    stage,
    web,
    hasMemory: false,
    start: () => web.start(),
  }));
  return {
    origin: webs[0].origin,
    faults: [
      ...kills.map(killDuringSends),
      ...kills.map(restart),
      killWorker(worker),
      ...networkFaults(stage),
      ...databaseFaults(stage, mongo),
      ...redisFaults(redis),
      ...(clocks.length === 0 ? [] : [clockJumps(stage, clocks)]),
    ],
    asides,
    leftOut: clocks.length === 0 ? ['clock jumps: libfaketime is not installed'] : [],
    isHealthy: async () => {
      const states = await Promise.all(webs.map((web) => web.status('/readyz')));
      return states.every((state) => state === 200);
    },
    log: () => [...webs, worker].flatMap(({ lines }) => lines),
    stop: async () => {
      await Promise.all([...webs, worker].map((one) => one.end('SIGTERM')));
      await redis.stop();
      await steadyRedis.stop();
      await mongo.close();
      await mongoOfAside.close();
      await dropDatabases(uri.href, [database, `${database}_aside`]);
      rmSync(directory, { recursive: true });
    },
  };
}

/** What is tried beside the conversations, in processes and a database of its own. */
async function createAsides(options: {
  stage: Stage;
  uri: string;
  /** The same database, by a way on which writes can hang. */
  mongo: MongoProxy;
  redisUrl: string;
  /** Of a Redis that nobody breaks. */
  steadyRedisUrl: string;
}): Promise<Fault[]> {
  const { stage, uri, mongo, redisUrl, steadyRedisUrl } = options;
  const environment = {
    SFCHAT_MODE: 'distributed',
    MONGODB_URI: uri,
    // Its own queue: a database of the same Redis.
    REDIS_URL: `${redisUrl}/1`,
  };
  const web = new Supervised('src/server.js', await freePort(), environment);
  const worker = new Supervised('workers/worker.js', 0, environment);
  // A wake-up that Redis has lost is found at the end of the poll, and no fault of the server.
  const steady = { ...environment, REDIS_URL: steadyRedisUrl };
  const receiving = new Supervised('src/server.js', await freePort(), steady);
  const sending = new Supervised('src/server.js', await freePort(), steady);
  const severable = new Supervised('src/server.js', await freePort(), {
    ...steady,
    MONGODB_URI: mongo.uri,
  });
  return [
    killDuringTermination({ stage, web, worker, chats: 1500 }),
    stopUnderHeldPolls({ stage, web }),
    killWhileWritesHang({ stage, web: severable, mongo }),
    sendAsPollsBegin({ stage, webs: [receiving, sending] }),
  ];
}

async function dropDatabases(uri: string, names: readonly string[]): Promise<void> {
  const client = new MongoClient(uri);
  for (const name of names) await client.db(name).dropDatabase();
  await client.close();
}

const killWorker = (worker: Supervised): Fault => ({
  name: 'kill -9 of the worker',
  run: async () => {
    await worker.end('SIGKILL');
    await worker.start();
    return 'at once';
  },
});

function databaseFaults(stage: Stage, mongo: MongoProxy): Fault[] {
  /** Spoils commands until so many are. */
  const spoil = async (fault: MongoFault, share: number, count: number): Promise<string> => {
    const before = mongo.faults;
    mongo.fault = () => (stage.random() < share ? fault : null);
    const deadline = performance.now() + 20_000;
    while (mongo.faults < before + count && performance.now() < deadline) await sleep(5);
    mongo.fault = () => null;
    return `${mongo.faults - before} commands`;
  };
  return [
    {
      name: 'database silent',
      run: async () => {
        await run('MONGODB_PAUSE');
        await sleep(SILENCE_MS);
        await run('MONGODB_RESUME');
        return `${SILENCE_MS} ms`;
      },
    },
    {
      name: 'database killed',
      run: async () => {
        await run('MONGODB_KILL');
        await sleep(stage.random() * 1000);
        await run('MONGODB_START');
        return 'kill -9 and start';
      },
    },
    { name: 'database slow', run: () => spoil({ kind: 'delay', by: 80 }, 1, 150) },
    { name: 'answers of the database lost', run: () => spoil({ kind: 'lose answer' }, 0.2, 15) },
    {
      name: 'database unreachable',
      run: async () => {
        mongo.stop();
        await sleep(SILENCE_MS);
        mongo.resume();
        return `${SILENCE_MS} ms`;
      },
    },
  ];
}

/** A Redis that keeps nothing over a restart. */
class DisposableRedis {
  readonly url: string;
  readonly client: Redis;
  readonly #port: number;
  readonly #directory: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, directory: string) {
    this.#port = port;
    this.#directory = directory;
    this.url = `redis://127.0.0.1:${port}`;
    this.client = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
    });
    this.client.on('error', () => undefined);
  }

  static async start(directory: string): Promise<DisposableRedis> {
    const redis = new DisposableRedis(await freePort(), directory);
    redis.begin();
    await redis.client.connect().catch(() => undefined);
    await redis.client.ping();
    return redis;
  }

  begin(): void {
    this.#child = spawn(
      'redis-server',
      ['--port', String(this.#port), '--save', '', '--bind', '127.0.0.1'],
      { cwd: this.#directory, stdio: 'ignore' },
    );
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    await this.kill();
  }
}

const redisFaults = (redis: DisposableRedis): Fault[] => [
  {
    name: 'Redis silent',
    run: async () => {
      redis.signal('SIGSTOP');
      await sleep(SILENCE_MS);
      redis.signal('SIGCONT');
      return `${SILENCE_MS} ms`;
    },
  },
  {
    name: 'Redis killed',
    run: async () => {
      await redis.kill();
      await sleep(SILENCE_MS);
      redis.begin();
      await redis.client.ping();
      return 'kill -9 and start, empty';
    },
  },
  {
    name: 'Redis emptied',
    run: async () => {
      const keys = await redis.client.dbsize();
      await redis.client.flushall();
      return `of ${keys} keys`;
    },
  },
  {
    name: 'Redis read-only',
    run: async () => {
      // A replica of a server that is not there.
      await redis.client.replicaof('127.0.0.1', 1);
      await sleep(SILENCE_MS);
      await redis.client.replicaof('NO', 'ONE');
      return `${SILENCE_MS} ms`;
    },
  },
];
