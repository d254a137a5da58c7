// What it costs to hold a request: resident memory for each of so many held polls, sockets included and without
// a forced collection, and what the server does while nobody says anything.
//
// The chats are made by one process and polled at a new one, whose memory has held nothing else; it is asked
// some things first, so that its code and first heap are not divided among the polls.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tokenOf } from '../support/chats.mjs';
import { countOperations } from '../support/counting-proxy.mjs';
import { Gone } from '../support/http-connection.mjs';
import { HttpPerson } from '../support/http-people.mjs';
import { copyInDatabase, openMany } from '../support/many-chats.mjs';
import { cpuSeconds, kinds, possible, residentBytes, startServer } from '../support/servers.mjs';

export const about =
  'memory of a held poll; processor time and database operations while polls idle';

const POLLS = 10_000;
/** Chats that nobody polls, for the first requests. */
const OTHERS = 20;
const FIRST_ROUNDS = 60;
const QUIET_SECONDS = 3;
/** Not more begin at once than a server's queue of new connections takes. */
const MOST_AT_ONCE = 100;

/** Polls outlast the measurement, and come from one address as if from a proxy; what else they do is as in production. */
const settings = { LONG_POLLING_ITERATION: '200', TRUST_PROXY: '1' };

export async function run({ isQuick, only }) {
  const result = {};
  for (const name of possible(only ?? ['bare', 'express', 'disk', 'distributed']))
    result[name] = await measure(name, isQuick ? POLLS / 10 : POLLS, isQuick ? 3000 : 12_000);
  return result;
}

async function measure(name, polls, idleMs) {
  const place = await prepare(name, polls + OTHERS);
  const server = await startServer(name, { ...settings, ...place.environment });
  let people = [];
  try {
    await askSomeThings(server.url, place.chats.slice(0, OTHERS));
    await untilQuiet(server.pid, place.operations);
    const before = residentBytes(server.pid);
    people = await hold(server.url, place);
    await untilQuiet(server.pid, place.operations);
    const kib = (residentBytes(server.pid) - before) / polls / 1024;
    const [cpu, operations] = [cpuSeconds(server.pid), place.operations?.()];
    await delay(idleMs);
    const seconds = idleMs / 1000;
    return {
      polls,
      kibEach: round(kib),
      idleCpuShare: round((cpuSeconds(server.pid) - cpu) / seconds),
      idleOperationsPerSecond:
        operations === undefined ? 0 : round((place.operations() - operations) / seconds),
    };
  } finally {
    for (const person of people) person.close();
    await server.stop();
    await place.remove();
  }
}

const round = (value) => Number(value.toFixed(3));

/** Chats for a server that has not started yet, and the settings with which it finds them. */
async function prepare(name, count) {
  if (name === 'disk') return prepareFile(count);
  if (name === 'distributed') return prepareDatabase(count);
  const chats = Array.from({ length: count }, (_, index) => {
    const chatToken = tokenOf('c', index);
    const [creator, joiner] = ['a', 'b'].map((who) => ({
      chatToken,
      userToken: tokenOf(who, index),
    }));
    return { creator, joiner };
  });
  return { chats, environment: { PRELOADED: String(count) }, remove: () => undefined };
}

async function prepareFile(count) {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-bench-'));
  const environment = { DATA_DIR: directory };
  const server = await startServer('disk', environment);
  const chats = await openMany(server.url, count);
  await server.stop();
  return {
    chats,
    environment,
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** The command by which a poll is registered. */
const REGISTERING = 'findAndModify';

async function prepareDatabase(count) {
  const uri = new URL(process.env.MONGODB_URI);
  uri.pathname = `/sfchat_bench_${process.pid}`;
  const proxy = await countOperations(uri.href);
  const environment = { MONGODB_URI: proxy.uri };
  const server = await startServer('distributed', environment);
  const [first] = await openMany(server.url, 1);
  await server.stop();
  return {
    chats: [first, ...(await copyInDatabase(uri.href, first, count - 1))],
    environment,
    operations: proxy.total,
    registered: () => proxy.answered(REGISTERING),
    remove: async () => {
      proxy.close();
      const { MongoClient } = await import('mongodb');
      const client = await new MongoClient(uri.href).connect();
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

async function askSomeThings(url, chats) {
  for (const { creator, joiner } of chats) {
    const [sender, receiver] = [new HttpPerson(url, creator), new HttpPerson(url, joiner)];
    for (let turn = 0; turn < FIRST_ROUNDS; turn += 1) {
      const received = receiver.receive();
      await sender.send((turn + 1).toString(16).padStart(24, '0'), 'Hi');
      await receiver.acknowledge(await received);
    }
    for (const person of [sender, receiver]) person.close();
  }
}

/**
 * As fast as the server takes them: what thousands of requests cost that wait for it is not what it costs to hold a poll.
 * Of a database its answers say how many polls are registered, of all else an answer to somebody who asks after them.
 */
async function hold(url, { chats, registered }) {
  const asking = new HttpPerson(url, chats[0].creator);
  const people = [];
  const before = registered?.();
  const isBehind = () => registered && registered() - before < people.length - MOST_AT_ONCE;
  for (const { joiner } of chats.slice(OTHERS)) {
    const person = new HttpPerson(url, joiner);
    people.push(person);
    person.receive().then(
      () => fail(new Error('a poll was answered')),
      (error) => error instanceof Gone || fail(error),
    );
    if (people.length % MOST_AT_ONCE === 0) await asking.emptyInbox();
    while (isBehind()) await delay(1);
  }
  asking.close();
  return people;
}

function fail(error) {
  throw error;
}

/** Until the server has done what it was asked: for some seconds it needs hardly any time, and no database. */
async function untilQuiet(pid, operations = () => 0) {
  let last = [-1, -1];
  let quiet = 0;
  for (let times = 0; times < 180 && quiet < QUIET_SECONDS; times += 1) {
    await delay(1000);
    const now = [cpuSeconds(pid), operations()];
    quiet = now[0] - last[0] < 0.1 && now[1] === last[1] ? quiet + 1 : 0;
    last = now;
  }
}

export function print(result) {
  const lines = Object.entries(result).map(
    ([name, { polls, kibEach, idleCpuShare, idleOperationsPerSecond }]) =>
      `${kinds[name].label.padEnd(24)}${String(polls).padStart(6)} polls ${kibEach.toFixed(1).padStart(6)} KiB each, ` +
      `idle ${(idleCpuShare * 100).toFixed(1)} % of a core, ${idleOperationsPerSecond} database operations a second`,
  );
  return `held polls\n${lines.join('\n')}\n`;
}
