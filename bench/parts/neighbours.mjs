// How long an honest client waits while others take what they can get, with the limits as they are by default: 16
// connections that read full inboxes again and again, and one address that holds all the connections it may have.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile, summary } from '../support/figures.mjs';
import { HttpPerson, openHttpTokens } from '../support/http-people.mjs';
import { possible, startServer } from '../support/servers.mjs';

export const about =
  'an honest client beside 16 greedy readers, and beside one address full of connections';

/** The limits that are for this, as the settings have them. */
const limits = {
  LIMIT_READ: '8000000',
  LIMIT_CONNECTIONS: '25000',
  LIMIT_CONNECTIONS_PER_ADDRESS: '2000',
};

const READERS = 16;
const FULL_INBOX = 200;
const MESSAGE = 'x'.repeat(140);

/** Another address of this machine than the one that measures. */
const OTHER_ADDRESS = '127.0.0.2';

const PAUSE_MS = 5;

export async function run({ isQuick, only }) {
  const results = {};
  for (const name of possible(only ?? ['disk', 'distributed'])) {
    const server = await startServer(name, limits);
    try {
      results[name] = await measure(server, isQuick ? 200 : 1000);
    } finally {
      await server.stop();
    }
  }
  return results;
}

/** Milliseconds of a delivery, from sending to arrival, quiet and beside each kind of neighbour. */
async function measure({ url, openChat }, messages) {
  const chat = await openChat();
  const readers = await fullInboxes(url);
  await talk(chat, messages / 4);
  const quiet = await talk(chat, messages);
  const beside = async (args, input) => {
    const neighbour = await startGreedy(args, input);
    try {
      return against(quiet, await talk(chat, messages));
    } finally {
      neighbour.kill('SIGKILL');
      await once(neighbour, 'close');
    }
  };
  const results = {
    quiet,
    readers: await beside(['readers', url], JSON.stringify(readers)),
    connections: await beside(['connections', url, OTHER_ADDRESS], ''),
  };
  chat.sender.close();
  chat.receiver.close();
  return results;
}

const against = (quiet, figures) => ({
  ...figures,
  ratio: Number((figures.p99 / quiet.p99).toFixed(1)),
});

async function fullInboxes(url) {
  const chats = await openHttpTokens(url, READERS);
  await Promise.all(chats.map(({ creator }) => fill(new HttpPerson(url, creator))));
  return chats.map(({ joiner }) => joiner);
}

async function fill(person) {
  for (let sent = 1; sent < FULL_INBOX; sent += 1) await person.send(newId(), MESSAGE);
  person.close();
}

const newId = () => randomBytes(12).toString('hex');

/** One message after the other, each read and acknowledged before the next. */
async function talk({ sender, receiver }, count) {
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const arrival = receiver.receive();
    await sleep(PAUSE_MS);
    const begun = performance.now();
    const accepted = sender.send(newId(), 'Hello');
    const messages = await arrival;
    times.push(performance.now() - begun);
    await accepted;
    await receiver.acknowledge(messages);
  }
  const sorted = times.toSorted((one, other) => one - other);
  const inMs = (value) => Number(value.toPrecision(3));
  return { p50: inMs(summary(times).median), p99: inMs(quantile(sorted, 0.99)) };
}

/** Resolves when it has begun. */
async function startGreedy(args, input) {
  const script = path.join(import.meta.dirname, '../support/greedy-clients.mjs');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  await once(child.stdout, 'data');
  return child;
}

const words = {
  quiet: 'alone',
  readers: `beside ${READERS} connections that read full inboxes`,
  connections: 'beside an address that holds all its connections, and wants more',
};

export const print = (results) =>
  [
    'neighbours: an honest client’s delivery',
    ...Object.entries(results).flatMap(([server, figures]) =>
      Object.entries(figures).map(
        ([name, { p50, p99, ratio }]) =>
          `${server}, ${words[name]}: p50 ${p50} ms, p99 ${p99} ms${ratio === undefined ? '' : `, ${ratio} times that alone`}`,
      ),
    ),
    '',
  ].join('\n');
