import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverCore } from './cores.mjs';
import { openHttpChat } from './http-people.mjs';
import { openSocketIoChat } from './socket-io-people.mjs';

const root = path.resolve(import.meta.dirname, '../..');

const sfchat = 'dist/src/server.js';
const { MONGODB_URI, REDIS_URL } = process.env;

/** Every server that is measured: what it is called, what starts it, how two people talk over it. */
export const kinds = {
  disk: { label: 'SFChat, on disk', script: sfchat, isOnDisk: true },
  memory: { label: 'SFChat, :memory:', script: sfchat },
  distributed: {
    label: 'SFChat, distributed',
    script: sfchat,
    isDistributed: true,
    isMissing: !MONGODB_URI || !REDIS_URL,
  },
  bare: { label: 'bare node:http', script: 'bench/servers/bare-node.mjs' },
  express: { label: 'Express 5, helmet, json', script: 'bench/servers/stock-express.mjs' },
  fastify: { label: 'Fastify', script: 'bench/servers/fastify.mjs' },
  polling: {
    label: 'Socket.IO, polling',
    script: 'bench/servers/socket-io.mjs',
    openChat: (url) => openSocketIoChat(url, 'polling', true),
  },
  unconfirmed: {
    label: 'Socket.IO, unconfirmed',
    script: 'bench/servers/socket-io.mjs',
    openChat: (url) => openSocketIoChat(url, 'polling', false),
  },
  websocket: {
    label: 'Socket.IO, WebSocket',
    script: 'bench/servers/socket-io.mjs',
    openChat: (url) => openSocketIoChat(url, 'websocket', true),
  },
  original: { label: 'database check each 3 s', script: 'bench/servers/database-check.mjs' },
};

/** Those of the named kinds that can be started here. */
export const possible = (names) => names.filter((name) => kinds[name].isMissing !== true);

/**
 * Starts a server as a process of its own on a free port. SFChat runs as in production but for its limits:
 * one client that stands for a thousand would be refused.
 *
 * @param {keyof kinds} name
 * @param {Record<string, string>} environment settings that differ
 * @param {string[]} nodeFlags such as those of a profiler
 */
export async function startServer(name, environment = {}, nodeFlags = []) {
  const { label, script, isOnDisk, isDistributed, openChat = openHttpChat } = kinds[name];
  const directory = isOnDisk ? mkdtempSync(path.join(tmpdir(), 'sfchat-bench-')) : undefined;
  const mode = isDistributed
    ? { SFCHAT_MODE: 'distributed', MONGODB_URI, REDIS_URL }
    : { SFCHAT_MODE: 'embedded', DATA_DIR: directory ?? ':memory:' };
  const started = await startProcess([...nodeFlags, path.join(root, script)], {
    ...mode,
    ...openLimits,
    ...environment,
  });
  return {
    name,
    label,
    ...started,
    openChat: () => openChat(started.url),
    stop: async () => {
      await started.stop();
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Limits are counted as in production and reached by nobody. */
export const openLimits = {
  RATE_LIMITS: 'on',
  LOG_LEVEL: 'info',
  ...Object.fromEntries(
    [
      'LIMIT_CHATS_CREATED',
      'LIMIT_FAILED_JOINS',
      'LIMIT_MESSAGES',
      'LIMIT_SIGNALS',
      'LIMIT_HELD_POLLS_PER_ADDRESS',
      'LIMIT_HELD_POLLS',
      'LIMIT_LIVE_CHATS',
      'LIMIT_CONNECTIONS',
      'LIMIT_CONNECTIONS_PER_ADDRESS',
      'LIMIT_STORED_MEGABYTES',
    ].map((name) => [name, '1000000']),
  ),
  // Characters, of which one person reads as many here as a thousand do elsewhere.
  LIMIT_READ: '100000000',
};

/**
 * Starts a script of ours on the core of the servers; gives its process and `url` as soon as it has told it.
 *
 * @param {string[]} args of node
 */
export async function startProcess(args, environment) {
  const command = [...serverCore, process.execPath, ...args];
  const child = spawn(command[0], command.slice(1), {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: tmpdir(), PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const line = text.split('\n').find((found) => found.includes('"url"'));
      if (line !== undefined) resolve(JSON.parse(line).url);
    });
  });
  return {
    url,
    pid: child.pid,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Seconds of processor time that a process has used, all its threads together (Linux). */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident bytes of a process (Linux). */
export const residentBytes = (pid) =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
