// How long embedded mode takes to read its file at start, and what the chats take in memory: idle chats, whose two
// have read everything, and undelivered messages. After a forced collection: what is counted is what is kept.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const about = 'time to read 100,000 chats or a million messages at start, and their memory';

/** Chats, undelivered messages in each, and remembered ids of messages that were delivered. */
const files = [
  { chats: 100_000, messages: 0, ids: 0 },
  { chats: 100_000, messages: 0, ids: 20 },
  { chats: 50_000, messages: 0, ids: 50 },
  { chats: 10_000, messages: 0, ids: 200 },
  { chats: 5000, messages: 200, ids: 0 },
];

export const run = ({ isQuick }) => {
  // A store without chats takes some room, too, and that would be much for each of a few.
  const { bytes: empty } = loaded({ chats: 0, messages: 0, ids: 0 });
  return files.map((each) => {
    const file = isQuick ? { ...each, chats: each.chats / 50 } : each;
    const { milliseconds, bytes, residentMiB } = loaded(file);
    const bytesPerChat = Math.round((bytes - empty) / file.chats);
    return { ...file, milliseconds, bytesPerChat, residentMiB };
  });
};

function loaded({ chats, messages, ids }) {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-bench-'));
  try {
    node('fill-file', directory, chats, messages, ids);
    return JSON.parse(node('load-file', directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a script in a process that has nothing else in its memory, and keeps no file open; gives what it printed. */
function node(name, ...args) {
  const script = path.join(import.meta.dirname, `../support/${name}.mjs`);
  return spawnSync(process.execPath, ['--expose-gc', script, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  }).stdout;
}

export const print = (rows) =>
  [
    'load',
    ...rows.map(
      ({ chats, messages, ids, milliseconds, bytesPerChat, residentMiB }) =>
        `${chats} chats, each with ${messages} messages and ${ids} remembered ids: read in ` +
        `${milliseconds} ms, ${bytesPerChat} bytes a chat, ${residentMiB} MiB resident`,
    ),
    '',
  ].join('\n');
