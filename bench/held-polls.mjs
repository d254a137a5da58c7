// What a held poll costs in memory, and how long a message takes to reach one: so many chats, the
// creator of each holding a poll; then the joiners send one message each, one after the other.
// The chats are made by one server and polled at a new one, whose memory has held nothing else yet.
//
//   npm run bench -- held-polls [polls, default 4000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'undici';
import { startServer } from './support/servers.mjs';

const polls = Number(process.argv[2] ?? 4000);
const settings = {
  DATA_DIR: mkdtempSync(path.join(tmpdir(), 'sfchat-bench-')),
  LONG_POLLING_SLEEP: '30',
  LONG_POLLING_ITERATION: '2',
};
let server;
let pool;

async function restart() {
  await pool?.close();
  await server?.stop();
  server = await startServer('service', settings);
  pool = new Pool(server.url, { connections: polls + 10, headersTimeout: 0, bodyTimeout: 0 });
}

async function call(method, resource, { chatToken, userToken } = {}, data = undefined) {
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

async function metric(name) {
  const { body } = await pool.request({ method: 'GET', path: '/metrics' });
  const line = (await body.text()).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

async function emptyInbox(person) {
  const { messages } = await call('GET', 'messages.json?longPolling=false', person);
  await call('DELETE', 'messages.json', person, { messages: messages.map(({ _id }) => ({ _id })) });
}

async function openChat() {
  const creator = await call('POST', 'chat.json');
  const joiner = await call('PUT', 'chat.json', { chatToken: creator.chatToken });
  await emptyInbox(creator);
  await emptyInbox(joiner);
  return { creator, joiner };
}

const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const chats = [];
await restart();
while (chats.length < polls) {
  chats.push(
    ...(await Promise.all(Array.from({ length: Math.min(50, polls - chats.length) }, openChat))),
  );
}
await restart();
const before = await metric('process_resident_memory_bytes');

const arrivals = chats.map(({ creator }) =>
  call('GET', 'messages.json', creator).then(() => performance.now()),
);
while ((await metric('sfchat_held_polls')) < polls)
  await new Promise((resolve) => setTimeout(resolve, 50));
const after = await metric('process_resident_memory_bytes');

const latencies = [];
for (const [index, { joiner }] of chats.slice(0, 1000).entries()) {
  const sent = performance.now();
  await call('POST', 'messages.json', joiner, { messages: [{ msg: 'Hi' }] });
  latencies.push((await arrivals[index]) - sent);
}
latencies.sort((a, b) => a - b);

process.stdout.write(
  `${polls} held polls: ${((after - before) / polls / 1024).toFixed(1)} KiB each, sockets included\n` +
    `from sending to the held poll's answer: median ${quantile(latencies, 0.5).toFixed(2)} ms, ` +
    `p99 ${quantile(latencies, 0.99).toFixed(2)} ms (${latencies.length} messages, one at a time)\n`,
);
// A stopping server answers what it still holds.
await server.stop();
await Promise.all(arrivals);
await pool.close();
rmSync(settings.DATA_DIR, { recursive: true });
