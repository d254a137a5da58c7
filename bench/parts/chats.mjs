// How the rate depends on how many chats talk at the same time: with few of them the disk is waited for, with many
// they share its commits.
import { openChats, talk, warmUp } from '../support/saturation.mjs';
import { ratiosOf, summary } from '../support/figures.mjs';
import { kinds, possible, startServer } from '../support/servers.mjs';

export const about = 'messages a second by how many chats talk at once';

/** How many chats, and whether their talkers wait for the sender's answer: each message then takes two commits. */
const CASES = [{ count: 8 }, { count: 64 }, { count: 64, isInTurn: true }, { count: 256 }];
const ROUNDS = 7;
const ROUND_MS = 1000;

/** What each is compared with. */
const base = 'bare';

export async function run({ isQuick, only }) {
  const names = possible(only ?? ['disk', 'memory', base]);
  const results = [];
  for (const each of CASES)
    results.push({ ...each, servers: await measure(names, each, isQuick ? 2 : ROUNDS) });
  return results;
}

/** All in turn, so that a slow second is everybody's. */
async function measure(names, { count, isInTurn }, rounds) {
  const places = [];
  const rates = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (const name of names) {
      const server = await startServer(name);
      const place = { server, chats: await openChats(server, count) };
      places.push(place);
      await warmUp(place.chats);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, chats } of places)
        rates[server.name].push(
          ((await talk(chats, ROUND_MS, Infinity, isInTurn)) * 1000) / ROUND_MS,
        );
    }
  } finally {
    for (const { server, chats } of places) {
      for (const { sender, receiver } of chats) [sender, receiver].forEach((one) => one.close());
      await server.stop();
    }
  }
  return Object.fromEntries(names.map((name) => [name, figuresOf(rates[name], rates[base])]));
}

const figuresOf = (rates, others) => ({
  ...summary(rates),
  ...(others && { ratio: ratiosOf(rates, others) }),
});

export const print = (results) =>
  [
    'messages a second by chats that talk at once',
    ...results.flatMap(({ count, isInTurn, servers }) =>
      Object.entries(servers).map(
        ([name, { median, ratio }]) =>
          `${String(count).padStart(4)}${isInTurn ? ' in turn' : '        '} ` +
          `${kinds[name].label.padEnd(20)}${median.toFixed(0).padStart(7)}` +
          (ratio ? ` ${ratio.median.toFixed(2)} of bare node:http` : ''),
      ),
    ),
    '',
  ].join('\n');
