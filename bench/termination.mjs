// How long the termination job takes over so many chats that are over, each of two people with one unread
// message, and how much memory, in a process that does nothing else. The lifetime of one half is just over,
// and the job ends it; the other half is past its grace period, too, and the job removes it. Embedded; with
// MONGODB_URI set also MongoDB (a database of its own, dropped at the end).
//
//   npm run bench -- termination [chats, default 1000000] [embedded | mongodb]
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../dist/src/chat/clock.js';
import { MongoChatStore } from '../dist/src/distributed/mongo/mongo-chat-store.js';
import { SqliteChatStore } from '../dist/src/embedded/sqlite-chat-store.js';
import { terminateChats } from '../dist/src/chat/terminate-chats.js';

const timing = { lifetime: 86_400_000, closedGrace: 600_000, absenceCloseAfter: 360_000 };
const begun = Date.now();
/** When the chat of this number was created. */
const createdAt = (index) =>
  begun - timing.lifetime - (index % 2 === 0 ? 1000 : timing.closedGrace + 1000);
const token = () => randomBytes(12).toString('hex');

/** Where the chats are: how to put them there, how the job opens it, how to take it away. */
const places = {
  embedded: {
    locate: () => mkdtempSync(path.join(tmpdir(), 'sfchat-bench-')),
    fill: fillFile,
    open: (directory) => new SqliteChatStore({ dataDir: directory }),
    remove: (directory) => rmSync(directory, { recursive: true }),
  },
  mongodb: {
    locate: () => `sfchat_bench_${token()}`,
    fill: fillDatabase,
    open: (database) => MongoChatStore.connect({ uri: process.env.MONGODB_URI, database, timing }),
    remove: (database) => withDatabase(database, (db) => db.dropDatabase()),
  },
};

/** Past the store, which writes each chat to the disk before the next. */
async function fillFile(directory, count) {
  await new SqliteChatStore({ dataDir: directory }).disconnect();
  const { default: Database } = await import('libsql');
  const db = new Database(path.join(directory, 'sfchat.db'));
  const chat = db.prepare(
    `INSERT INTO chats (token, status, encrypted, created, creator, joiner)
     VALUES (?, 'ready', 0, ?, ?, ?)`,
  );
  const message = db.prepare(
    'INSERT INTO messages (chat, addressee, id, msg, system) VALUES (?, ?, ?, ?, 0)',
  );
  db.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const [chatToken, creator, joiner] = [token(), token(), token()];
      chat.run(chatToken, createdAt(index), creator, joiner);
      message.run(chatToken, joiner, token(), 'unread');
    }
  })();
  db.close();
}

async function fillDatabase(database, count) {
  const { ObjectId } = await import('mongodb');
  const id = () => new ObjectId(randomBytes(12));
  const document = (_, index) => {
    const at = new Date(createdAt(index));
    const [creator, joiner] = [id(), id()];
    const text = { _id: id(), user_token: joiner, msg: 'unread', system: false, created: at };
    const users = { user_tokens: [creator, joiner], messages: [text], long_polling: [] };
    return { _id: id(), status: 'ready', ...users, created: at, encrypted: false };
  };
  await withDatabase(database, async (db) => {
    for (let left = count; left > 0; left -= 5000) {
      const documents = Array.from({ length: Math.min(left, 5000) }, document);
      await db.collection('chats').insertMany(documents, { ordered: false });
    }
  });
}

async function withDatabase(name, task) {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(process.env.MONGODB_URI);
  try {
    await task(client.db(name));
  } finally {
    await client.close();
  }
}

const megabytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

/** In the process that does nothing else. */
async function measure(place, location, count) {
  const store = await places[place].open(location);
  const wakeBus = { wake: () => undefined };
  const started = performance.now();
  let peak = megabytes();
  let next = 0;
  const print = ({ expired, removed }) => {
    peak = Math.max(peak, megabytes());
    if (expired + removed < next) return;
    next += count / 10;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `  ${seconds.padStart(7)} s  ${expired} expired  ${removed} removed  ${megabytes()} MiB`,
    );
  };
  const report = await terminateChats({
    store,
    wakeBus,
    timing,
    clock: systemClock,
    onProgress: print,
  });
  const perSecond = Math.round((report.expired + report.removed) / (report.milliseconds / 1000));
  console.log(
    `${place}: ${report.expired} expired and ${report.removed} removed in ` +
      `${(report.milliseconds / 1000).toFixed(1)} s (${perSecond} steps a second), peak ${peak} MiB`,
  );
  await store.disconnect();
}

async function bench(place, count) {
  const location = places[place].locate();
  try {
    console.log(`${place}: making ${count} chats ...`);
    await places[place].fill(location, count);
    const child = spawn(
      process.execPath,
      [import.meta.filename, '--measure', place, location, String(count)],
      { stdio: 'inherit' },
    );
    await new Promise((resolve) => child.once('exit', resolve));
  } finally {
    await places[place].remove(location);
  }
}

const args = process.argv.slice(2);
if (args[0] === '--measure') {
  await measure(args[1], args[2], Number(args[3]));
} else {
  const [count = '1000000', only] = args;
  const possible = ['embedded', ...(process.env.MONGODB_URI ? ['mongodb'] : [])];
  for (const place of possible.filter((name) => only === undefined || name === only)) {
    await bench(place, Number(count));
  }
}
