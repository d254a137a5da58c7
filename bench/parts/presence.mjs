// What it costs that two pages prove to each other that they run: all people of so many chats poll as the page does
// while the other is there, and nobody writes.
import { setTimeout as delay } from 'node:timers/promises';
import { countOperations } from '../support/counting-proxy.mjs';
import { Gone } from '../support/http-connection.mjs';
import { HttpPerson } from '../support/http-people.mjs';
import { openMany } from '../support/many-chats.mjs';
import { cpuSeconds, kinds, possible, startServer } from '../support/servers.mjs';

export const about = 'processor time and database operations of pages that show that they run';

const CHATS = 250;
/** What stands in for MongoDB here does not register more in time. */
const DISTRIBUTED_CHATS = 50;
/** As src/browser/room/talker-watch.ts has it. */
const HOLD_SECONDS = 1.5;
const WARM_UP_MS = 4000;

export async function run({ isQuick, only }) {
  const result = {};
  for (const name of possible(only ?? ['disk', 'distributed']))
    result[name] = await measure(name, isQuick ? 10_000 : 60_000);
  return result;
}

async function measure(name, milliseconds) {
  const chats = name === 'distributed' ? DISTRIBUTED_CHATS : CHATS;
  const proxy = name === 'distributed' ? await countOperations(process.env.MONGODB_URI) : undefined;
  const server = await startServer(name, {
    TRUST_PROXY: '1',
    ...(proxy && { MONGODB_URI: proxy.uri }),
  });
  const polls = { count: 0 };
  const people = await pollAll(await openMany(server.url, chats), server.url, polls);
  try {
    await delay(WARM_UP_MS);
    const before = [polls.count, cpuSeconds(server.pid), proxy?.total() ?? 0];
    await delay(milliseconds);
    const after = [polls.count, cpuSeconds(server.pid), proxy?.total() ?? 0];
    const [count, cpu, operations] = after.map((value, index) => value - before[index]);
    const personHours = (people.length * milliseconds) / 3_600_000;
    return {
      people: people.length,
      pollsPerHour: Math.round(count / personHours),
      cpuMicroseconds: Math.round((cpu * 1e6) / count),
      operationsPerHour: Math.round(operations / personHours),
    };
  } finally {
    for (const person of people) person.close();
    await server.stop();
    proxy?.close();
  }
}

async function pollAll(chats, url, polls) {
  const query = `?waiting=0&present=true&typing=false&hold=${HOLD_SECONDS}`;
  const people = [];
  for (const tokens of chats.flatMap(({ creator, joiner }) => [creator, joiner])) {
    const person = new HttpPerson(url, tokens, query);
    people.push(person);
    pollOn(person, polls).catch((error) => error instanceof Gone || fail(error));
    // Spread over a hold, as people are.
    await delay((HOLD_SECONDS * 1000) / (2 * chats.length));
  }
  return people;
}

async function pollOn(person, polls) {
  for (;;) {
    await person.receive();
    polls.count += 1;
  }
}

function fail(error) {
  throw error;
}

export function print(result) {
  const lines = Object.entries(result).map(
    ([name, { people, pollsPerHour, cpuMicroseconds, operationsPerHour }]) =>
      `${kinds[name].label.padEnd(24)}${people} people: ${pollsPerHour} polls an hour for each, ` +
      `${cpuMicroseconds} µs of the processor for a poll, ${operationsPerHour} database operations an hour for each`,
  );
  return `presence\n${lines.join('\n')}\n`;
}
