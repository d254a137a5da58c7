import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

const scripts = {
  service: 'dist/src/server.js',
  'stock-express': 'bench/support/stock-express.mjs',
  'bare-node': 'bench/support/bare-node.mjs',
};

/**
 * Starts one of the servers that are compared, as a process of its own on a free port. All of them
 * print one line of JSON with their `url` when they are ready.
 */
export async function startServer(kind, environment = {}) {
  const child = spawn(process.execPath, [scripts[kind]], {
    cwd: root,
    env: { ...process.env, PORT: '0', DATA_DIR: ':memory:', RATE_LIMITS: 'off', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${kind} ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n')[0]);
    });
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    url: JSON.parse(line).url,
    pid: child.pid,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
