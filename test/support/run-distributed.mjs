// `npm run test:distributed`: the suites against MongoDB and Redis. Takes MONGODB_URI and REDIS_URL where
// they are set; else starts a redis-server from the PATH and a mongod that mongodb-memory-server has or
// downloads; else says what to install. Arguments go to jest.
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

async function startMongo() {
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryServer.create();
  started.push(() => server.stop());
  return server.getUri();
}

/** The servers that the tests take from the environment; what is not there is started. */
async function findServers() {
  const missing = [];
  // The tests of a failing Redis start servers of their own, whatever REDIS_URL says.
  if (!hasRedisServer()) missing.push('redis-server on the PATH (apt-get install redis-server)');
  const redis = process.env.REDIS_URL || (missing.length === 0 && (await startRedis()));
  const mongo =
    process.env.MONGODB_URI ||
    (await startMongo().catch((error) => {
      missing.push(
        'MONGODB_URI, a MongoDB that the tests may use ' +
          `(none could be downloaded: ${error.message.split(', Details')[0]})`,
      );
    }));
  if (missing.length > 0) {
    throw new Error(['The distributed tests need', ...missing].join('\n  - '));
  }
  return { MONGODB_URI: mongo, REDIS_URL: redis };
}

function run(script, args, environment = {}) {
  const child = spawn(process.execPath, [path.join(root, script), ...args], {
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

try {
  const servers = await findServers();
  process.exitCode = await run('config/build/missing.mjs', []);
  if (process.exitCode === 0) {
    const only = ['--testPathPatterns', String.raw`\.distributed\.test\.ts$`];
    const args = [...only, ...process.argv.slice(2)];
    process.exitCode = await run('node_modules/jest/bin/jest.js', args, servers);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
