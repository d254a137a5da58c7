// `npm run dev`: whenever a source changes, builds what is stale and starts the server again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildMissing } from './build.mjs';
import { root } from './root.mjs';

/** An editor writes several files, or one in several steps. */
const SETTLE_MS = 100;

let server = null;
let isChanged = false;
let isBusy = false;

async function stop() {
  if (server === null || server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}

async function restart() {
  try {
    await buildMissing();
  } catch {
    return; // esbuild has printed what is wrong; the old server goes on until it is right.
  }
  await stop();
  server = spawn(process.execPath, ['--enable-source-maps', 'dist/src/server.js'], {
    cwd: root,
    stdio: 'inherit',
  });
}

async function onChange() {
  isChanged = true;
  if (isBusy) return;
  isBusy = true;
  while (isChanged) {
    isChanged = false;
    await delay(SETTLE_MS);
    await restart();
  }
  isBusy = false;
}

for (const folder of ['src', 'workers', 'config']) {
  watch(path.join(root, folder), { recursive: true }, () => void onChange());
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void stop().then(() => process.exit(0)));
}
await onChange();
