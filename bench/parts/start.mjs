// How long the built server takes from its start to its first answer with 1,000 chats in its file, and how much
// memory it has then.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { summary } from '../support/figures.mjs';
import { openMany } from '../support/many-chats.mjs';
import { residentBytes, startServer } from '../support/servers.mjs';

export const about = 'time to ready with 1,000 chats in the file, and resident memory then';

const CHATS = 1000;

export async function run({ isQuick }) {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-bench-'));
  const environment = { DATA_DIR: directory };
  try {
    const server = await startServer('disk', environment);
    await openMany(server.url, isQuick ? CHATS / 10 : CHATS);
    await server.stop();
    const starts = [];
    while (starts.length < (isQuick ? 2 : 15)) starts.push(await measure(environment));
    return {
      chats: CHATS,
      readyMs: summary(starts.map(({ readyMs }) => readyMs)),
      residentMiB: summary(starts.map(({ residentMiB }) => residentMiB)),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measure(environment) {
  const begun = performance.now();
  const server = await startServer('disk', environment);
  await (await fetch(`${server.url}/healthz`)).arrayBuffer();
  const readyMs = performance.now() - begun;
  await delay(300);
  const residentMiB = residentBytes(server.pid) / 2 ** 20;
  await server.stop();
  return { readyMs, residentMiB };
}

export function print({ chats, readyMs, residentMiB }) {
  return (
    `start\n${chats} chats: ready after ${readyMs.median} ms (${readyMs.least} to ${readyMs.most}), ` +
    `resident ${residentMiB.median} MiB\n`
  );
}
