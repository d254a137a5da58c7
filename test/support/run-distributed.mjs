// `npm run test:distributed`: the suites against MongoDB and Redis. Takes MONGODB_URI and REDIS_URL where
// they are set, and starts a redis-server from the PATH where REDIS_URL is not; says which commands help
// where something is missing. Arguments go to jest.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const started = [];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port, deadline = Date.now() + 10_000) {
  while (Date.now() < deadline) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing answers on port ${port}`);
}

const hasRedisServer = () => spawnSync('redis-server', ['--version']).status === 0;

async function startRedis() {
  const port = await freePort();
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-redis-'));
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
  const server = spawn('redis-server', options, { cwd: directory, stdio: 'ignore' });
  started.push(async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    rmSync(directory, { recursive: true, force: true });
  });
  await answers(port);
  return `redis://127.0.0.1:${port}`;
}

/** What is missing, and the command that helps. */
function missingServers() {
  const missing = [];
  if (!process.env.MONGODB_URI) {
    missing.push(
      `MONGODB_URI, a MongoDB in which the tests may do what they like:
      docker run --rm -d -p 127.0.0.1:27017:27017 mongo:8 && export MONGODB_URI=mongodb://127.0.0.1:27017`,
    );
  }
  // Also where REDIS_URL is set: the tests of a failing Redis start servers of their own.
  if (!hasRedisServer()) {
    missing.push(
      `a redis-server on the PATH (REDIS_URL alone is not enough: some tests stop and kill theirs):
      apt-get install redis-server`,
    );
  }
  return missing;
}

/** Two suites at a time: they wait more than they work, and whoever stops or pauses a server has it for itself. */
function runJest(environment) {
  const given = process.argv.slice(2);
  // Jest runs what matches any pattern: one that is given has to stand alone.
  const isChosen = given.some((argument) =>
    /^test\/|^--(testPathPatterns|runTestsByPath)/.test(argument),
  );
  const every = isChosen ? [] : ['--testPathPatterns', String.raw`\.distributed\.test\.ts$`];
  const args = [
    path.join(root, 'node_modules/jest/bin/jest.js'),
    '--maxWorkers=2',
    ...every,
    ...given,
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return once(child, 'exit').then(([code]) => code ?? 1);
}

async function stopAll() {
  for (const stop of started.splice(0).reverse()) await stop();
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void stopAll().then(() => process.exit(1)));
}

const missing = missingServers();
if (missing.length > 0) {
  process.stderr.write(`${['The distributed tests need', ...missing].join('\n  - ')}\n`);
  process.exitCode = 1;
} else {
  try {
    const redisUrl = process.env.REDIS_URL || (await startRedis());
    process.exitCode = await runJest({ REDIS_URL: redisUrl });
  } finally {
    await stopAll();
  }
}
