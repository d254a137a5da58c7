// How many commands distributed mode sends to MongoDB, counted at the driver: for each message, and while polls
// idle. One web process; in every chat both people poll, and acknowledge what comes.
//
// BENCH_CHATS (50), BENCH_MESSAGES of each chat (20) and BENCH_IDLE_SECONDS (60) change how much is measured.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'undici';
import { possible, residentBytes, startServer } from '../support/servers.mjs';

export const about = 'commands to MongoDB for each message, and while polls idle';

/**
 * @returns operations for each message, where the two watch nothing else and where both watch everything, by
 *   command too; operations a second in all while polls idle; KiB of resident memory for each poll. `null`
 *   where there is no MongoDB or no Redis.
 */
export async function run({ isQuick }) {
  if (possible(['distributed']).length === 0) return null;
  const { BENCH_CHATS, BENCH_MESSAGES, BENCH_IDLE_SECONDS } = process.env;
  const chats = Number(BENCH_CHATS ?? (isQuick ? 10 : 50));
  const messages = Number(BENCH_MESSAGES ?? (isQuick ? 5 : 20));
  const idleSeconds = Number(BENCH_IDLE_SECONDS ?? (isQuick ? 10 : 60));
  const server = await startCounting();
  const pool = new Pool(server.url, {
    connections: 4 * chats + 10,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const call = caller(pool);
  try {
    const pairs = [];
    for (let count = 0; count < chats; count += 1) pairs.push(await openChat(call));
    const plain = await perMessage(server, call, pairs, messages, () => '');
    const watching = await perMessage(server, call, pairs, messages, everything);
    const idle = await whileIdle(server, call, pairs, idleSeconds);
    return { chats, messages, plain, watching, idle };
  } finally {
    await pool.destroy();
    await server.stop();
  }
}

export const print = (result) =>
  result === null
    ? 'MONGODB_URI and REDIS_URL are needed\n'
    : `MongoDB commands for each message, ${result.chats} chats: ${inWords(result.plain)}\n` +
      `  where both watch everything: ${inWords(result.watching)}\n` +
      `while ${result.idle.polls} polls idle: ${result.idle.perSecond.toFixed(1)} a second in all ` +
      `(${result.idle.perPollAndSecond.toFixed(4)} for each); ${result.idle.kibPerPoll.toFixed(1)} KiB each\n`;

const everything = ({ waiting, talker }) =>
  `?waiting=${waiting}&present=${talker.present}&typing=${talker.typing}`;

/** A web process that tells how many commands it has sent. */
async function startCounting() {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-bench-'));
  const file = path.join(directory, 'commands.json');
  const counter = path.resolve(import.meta.dirname, '../support/count-commands.mjs');
  const server = await startServer('distributed', { BENCH_COMMANDS: file }, ['--import', counter]);
  return {
    ...server,
    report: async () => {
      rmSync(file, { force: true });
      process.kill(server.pid, 'SIGUSR2');
      for (;;) {
        await pause(20);
        try {
          const commands = JSON.parse(readFileSync(file, 'utf8'));
          return { commands, resident: residentBytes(server.pid) };
        } catch {
          // Not written yet.
        }
      }
    },
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Calls again while the storage is too busy to answer; any other refusal would make the figures wrong, and throws. */
const caller = (pool) => async (method, resource, tokens, data) => {
  for (;;) {
    const results = await callOnce(pool, method, resource, tokens, data);
    if (results.code < 300) return results;
    if (results.code !== 503) throw new Error(`${method} ${resource}: ${results.msg}`);
    await pause(500);
  }
};

async function callOnce(pool, method, resource, { chatToken, userToken } = {}, data = undefined) {
  const { body } = await pool.request({
    method,
    path: `/api/v1/${resource}`,
    headers: {
      ...(chatToken && { 'X-SFC-chatToken': chatToken }),
      ...(userToken && { 'X-SFC-userToken': userToken }),
      ...(data && { 'Content-Type': 'application/json' }),
    },
    ...(data && { body: JSON.stringify({ data }) }),
  });
  return (await body.json()).results;
}

/** Sends under an id of its own, so that a repeat is stored once. */
const sendText = (call, person, msg) =>
  call('POST', 'messages.json', person, {
    messages: [{ msg, _id: randomBytes(12).toString('hex') }],
  });

async function openChat(call) {
  const creator = await call('POST', 'chat.json');
  const joiner = await call('PUT', 'chat.json', { chatToken: creator.chatToken });
  return { creator, joiner };
}

/** Polls for one person until told to stop, acknowledges what comes, and tells of each answer. */
function pollFor(call, person, queryOf) {
  let isStopped = false;
  let onAnswer = () => {};
  const run = async () => {
    let query = '';
    while (!isStopped) {
      const results = await call('GET', `messages.json${query}`, person);
      const ids = (results.messages ?? []).map(({ _id }) => ({ _id }));
      if (ids.length > 0) await call('DELETE', 'messages.json', person, { messages: ids });
      query = queryOf(results);
      onAnswer(results);
    }
  };
  const failure = run().then(() => Promise.reject(new Error('The polling is over.')));
  // Heard by whoever waits for a message; who waits for none is not concerned.
  failure.catch(() => {});
  return {
    receives: (text) => {
      const received = new Promise((resolve) => {
        onAnswer = ({ messages = [] }) => {
          if (messages.some(({ msg }) => msg === text)) resolve();
        };
      });
      return Promise.race([received, failure]);
    },
    stop: () => {
      isStopped = true;
    },
  };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function perMessage(server, call, pairs, messages, queryOf) {
  const polls = pairs.map(({ creator, joiner }) => ({
    creator,
    talkers: pollFor(call, creator, queryOf),
    joiners: pollFor(call, joiner, queryOf),
  }));
  await pause(2000);
  const before = await server.report();
  await Promise.all(
    polls.map(async ({ creator, joiners }) => {
      for (let number = 0; number < messages; number += 1) {
        const text = `message ${number}`;
        const received = joiners.receives(text);
        await sendText(call, creator, text);
        await received;
        await pause(100);
      }
    }),
  );
  await pause(1000);
  const after = await server.report();
  for (const { talkers, joiners } of polls) {
    talkers.stop();
    joiners.stop();
  }
  // Each is let go by a last message.
  await Promise.all(
    pairs.flatMap(({ creator, joiner }) =>
      [creator, joiner].map((person) => sendText(call, person, 'the last')),
    ),
  );
  await pause(1500);
  return difference(before, after, pairs.length * messages);
}

async function whileIdle(server, call, pairs, idleSeconds) {
  const people = pairs.flatMap(({ creator, joiner }) => [creator, joiner]);
  for (const person of people) {
    const { messages = [] } = await call('GET', 'messages.json?longPolling=false', person);
    const ids = messages.map(({ _id }) => ({ _id }));
    if (ids.length > 0) await call('DELETE', 'messages.json', person, { messages: ids });
  }
  const memoryBefore = (await server.report()).resident;
  const polls = people.map((person) => pollFor(call, person, () => ''));
  await pause(3000);
  const before = await server.report();
  await pause(idleSeconds * 1000);
  const after = await server.report();
  for (const poll of polls) poll.stop();
  const { total } = difference(before, after, idleSeconds);
  return {
    polls: people.length,
    perSecond: total,
    perPollAndSecond: total / people.length,
    kibPerPoll: (before.resident - memoryBefore) / 1024 / people.length,
  };
}

function difference(before, after, divisor) {
  const byCommand = {};
  for (const [name, count] of Object.entries(after.commands)) {
    const more = count - (before.commands[name] ?? 0);
    if (more > 0) byCommand[name] = more / divisor;
  }
  return { total: Object.values(byCommand).reduce((sum, count) => sum + count, 0), byCommand };
}

const inWords = ({ total, byCommand }) =>
  `${total.toFixed(2)} (${Object.entries(byCommand)
    .map(([name, count]) => `${name} ${count.toFixed(2)}`)
    .join(', ')})`;
