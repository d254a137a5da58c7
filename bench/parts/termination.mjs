// The termination job over a million chats that are over, each of two people with one unread message: the
// lifetime of one half is just over, and the job ends it; the other half is past its grace period, too, and the
// job removes it. The server runs it by itself, as in production; its own metrics say what it did.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes, startServer } from '../support/servers.mjs';

export const about = 'the termination job over a million chats';

const CHATS = 1_000_000;

export async function run({ isQuick }) {
  const count = isQuick ? CHATS / 50 : CHATS;
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-bench-'));
  try {
    // By another process: this one would keep the file open.
    const script = path.resolve(import.meta.dirname, '../support/fill-finished.mjs');
    execFileSync(process.execPath, [script, directory, String(count)]);
    const begun = performance.now();
    const server = await startServer('disk', {
      DATA_DIR: directory,
      TERMINATION_SCHEDULE: '* * * * * *',
    });
    const readySeconds = (performance.now() - begun) / 1000;
    try {
      return { chats: count, readySeconds: round(readySeconds), ...(await watch(server, count)) };
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const round = (value) => Number(value.toFixed(2));

/** Until the job has ended one half and removed the other. */
async function watch({ url, pid }, count) {
  let peak = 0;
  for (;;) {
    await delay(250);
    peak = Math.max(peak, residentBytes(pid));
    const text = await (await fetch(`${url}/metrics`)).text();
    const value = (name) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1] ?? 0,
      );
    const expired = value('sfchat_terminated_chats_total{step="expired"}');
    const removed = value('sfchat_terminated_chats_total{step="removed"}');
    if (expired + removed < count) continue;
    const seconds = value('sfchat_termination_seconds_sum');
    return { expired, removed, seconds: round(seconds), peakMiB: Math.round(peak / 2 ** 20) };
  }
}

export const print = ({ chats, readySeconds, expired, removed, seconds, peakMiB }) =>
  `termination\n${chats} chats: ready after ${readySeconds} s, then ${expired} ended and ${removed} removed in ` +
  `${seconds} s, peak ${peakMiB} MiB\n`;
