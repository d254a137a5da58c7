import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { mongoUri } from './real-servers.ts';
import { TestClient } from './test-client.ts';

const root = path.resolve(__dirname, '../..');

export type Environment = Readonly<Record<string, string>>;

/** A process of the service as it was built, with what it has written so far. */
export interface ServiceProcess {
  readonly pid: number;
  readonly lines: readonly string[];
  /** The first line that contains a text, now or later. */
  line(text: string, patience?: number): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();

/** Ends whatever a test has left running. */
export async function endProcesses(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await eventually(() => running.size === 0, 'all processes have ended');
}

function follow(child: ChildProcess): ServiceProcess {
  const lines: string[] = [];
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface(stream).on('line', (line) => lines.push(line));
  }
  const ended = once(child, 'close').then(() => {
    running.delete(child);
    return child.exitCode ?? child.signalCode ?? 'SIGKILL';
  });
  const find = (text: string) => lines.find((line) => line.includes(text));
  assert(child.pid !== undefined, 'the process did not start');
  return {
    pid: child.pid,
    lines,
    line: async (text, patience) => {
      const last = () => `${text}, after ${lines.slice(-3).join('\n')}`;
      await eventually(() => find(text) !== undefined, last(), patience);
      return find(text)!;
    },
    kill: (signal) => child.kill(signal),
    ended,
  };
}

/** Runs a script of dist/; nothing of this process's environment reaches it but the way to programs. */
export function startScript(
  script: string,
  environment: Environment,
  args: readonly string[] = [],
  { mostFiles }: { readonly mostFiles?: number } = {},
): ServiceProcess {
  const command = [process.execPath, path.join(root, 'dist', script), ...args];
  const limited = ['sh', '-c', `ulimit -n ${mostFiles} && exec "$@"`, 'sh', ...command];
  const [program = '', ...rest] = mostFiles === undefined ? command : limited;
  return follow(
    spawn(program, rest, {
      cwd: root,
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** The settings of a distributed deployment on a database and a Redis of one test's own. */
export const distributed = (database: string, redisUrl: string): Environment => ({
  SFCHAT_MODE: 'distributed',
  MONGODB_URI: withDatabase(mongoUri(), database),
  REDIS_URL: redisUrl,
});

/** The URI of a database on the same server; whoever is named in it is known there by its own database. */
function withDatabase(uri: string, name: string): string {
  const [, server = '', database, query = '?'] =
    /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)(\?.*)?$/.exec(uri) ?? [];
  const isNamed = server.includes('@') && !query.includes('authSource=');
  const source = isNamed
    ? `&authSource=${database === undefined || database === '' ? 'admin' : database}`
    : '';
  return `${server}/${name}${query}${source}`;
}

interface Readiness {
  readonly state: string;
  readonly parts: Readonly<Record<string, string>>;
}

export interface WebProcess extends ServiceProcess {
  readonly origin: string;
  readonly client: TestClient;
  /** What `/readyz` says. */
  readiness(): Promise<Readiness>;
}

/**
 * A web process on a free port; resolves when it is ready.
 *
 * @param limits `mostFiles`: how many it may have open; as a rule as many as we may
 */
export async function startWeb(
  environment: Environment,
  limits: { readonly mostFiles?: number } = {},
): Promise<WebProcess> {
  const web = startScript('src/server.js', { PORT: '0', ...environment }, [], limits);
  const ready = await web.line('"url"', 20_000);
  const { url: origin } = JSON.parse(ready) as { url: string };
  const client = new TestClient(origin);
  const readiness = async () => {
    const { text } = await client.raw('GET', '/readyz');
    return (JSON.parse(text) as { results: Readiness }).results;
  };
  return { ...web, origin, client, readiness };
}

export function startWorker(environment: Environment): ServiceProcess {
  return startScript('workers/worker.js', { TERMINATION_SCHEDULE: '* * * * * *', ...environment });
}

/** A Redis of one test's own, which may do with it what it likes. It keeps nothing over a restart. */
export interface RedisServer {
  readonly url: string;
  /** A connection for the test itself. */
  readonly redis: Redis;
  kill(signal: NodeJS.Signals): void;
  /** After it was killed: the same address, all data gone. */
  restart(): Promise<void>;
  /** Before the rest of the processes is ended: a connection that has lost its server closes slowly. */
  dispose(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const directory = await mkdtemp(path.join(tmpdir(), 'sfchat-redis-'));
  const url = `redis://127.0.0.1:${port}`;
  const start = () =>
    follow(
      spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  let server = start();
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  await redis.ping();
  return {
    url,
    redis,
    kill: (signal) => {
      server.kill(signal);
    },
    restart: async () => {
      await server.ended;
      server = start();
      await redis.ping();
    },
    dispose: async () => {
      redis.disconnect();
      server.kill('SIGKILL');
      await server.ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
