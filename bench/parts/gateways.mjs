// The same chat work over long poll, event stream and WebSocket, side by side: so many chats, the creator of
// each receiving over the protocol; then the joiners send messages as POST, one after the other. What a
// connection costs in memory, how long a message takes to arrive, and what each costs the server in CPU time
// until it has arrived and was forgotten. Each protocol has a new server, whose memory has held nothing else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { startServer } from '../support/servers.mjs';

export const about = 'long poll, event stream and WebSocket side by side';

let connections = 1000;
let messages = 2000;
const settings = {
  DATA_DIR: mkdtempSync(path.join(tmpdir(), 'sfchat-bench-')),
  GATEWAYS: 'nereid,gradagenda',
};
let server;
let pool;

async function restart() {
  await pool?.destroy();
  await server?.stop();
  server = await startServer('disk', settings);
  pool = new Pool(server.url, {
    connections: connections + 10,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

const headersOf = ({ chatToken, userToken } = {}) => ({
  ...(chatToken && { 'X-SFC-chatToken': chatToken }),
  ...(userToken && { 'X-SFC-userToken': userToken }),
});

async function call(method, resource, person, data) {
  const { body } = await pool.request({
    method,
    path: `/api/v1/${resource}`,
    headers: { ...headersOf(person), ...(data && { 'Content-Type': 'application/json' }) },
    ...(data && { body: JSON.stringify({ data }) }),
  });
  return (await body.json()).results;
}

const acknowledge = (person, list) =>
  call('DELETE', 'messages.json', person, { messages: list.map(({ _id }) => ({ _id })) });

async function openChat() {
  const creator = await call('POST', 'chat.json');
  const joiner = await call('PUT', 'chat.json', { chatToken: creator.chatToken });
  for (const person of [creator, joiner]) {
    const inbox = await call('GET', 'messages.json?longPolling=false', person);
    await acknowledge(person, inbox.messages);
  }
  return { creator, joiner };
}

async function metrics(...names) {
  const { body } = await pool.request({ method: 'GET', path: '/metrics' });
  const lines = (await body.text()).split('\n');
  return names.map((name) =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1]),
  );
}

/** How a person receives: each opens, hears of texts, and is ended by the server in the end. */
const protocols = {
  'long poll': (person, onText) => {
    const poll = async () => {
      const { messages: list = [], code } = await call('GET', 'messages.json', person);
      for (const { msg } of list) onText(msg);
      if (list.length > 0) await acknowledge(person, list);
      return code === 200;
    };
    const run = async () => {
      while (await poll().catch(() => false));
    };
    void run();
  },
  'event stream': async (person, onText) => {
    const path = '/nereid-chat/stream';
    const { body } = await pool.request({ method: 'GET', path, headers: headersOf(person) });
    let rest = '';
    body.on('error', () => undefined).setEncoding('utf8');
    body.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines.filter((one) => one.startsWith('data:'))) {
        const { message } = JSON.parse(line.slice(5));
        if (message) onText(message.text);
      }
    });
  },
  WebSocket: async ({ chatToken, userToken }, onText) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/gradagenda`, {
      perMessageDeflate: false,
    });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('open', resolve));
    const action = { cdid: 'a', type: 'authenticate', 'device-id': 'bench' };
    socket.send(JSON.stringify({ ...action, 'user-id': `${chatToken}_1`, token: userToken }));
    socket.on('message', (data) => {
      const payload = JSON.parse(data.toString());
      for (const { type, message } of payload.actions ?? [payload])
        if (type === 'message-broadcast') onText(message.body);
    });
  },
};

/** How many messages were acknowledged, whichever way. */
const ACKNOWLEDGED = 'sfchat_events_total{event="acknowledged"}';

const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function until(isIt, intervalMs = 50) {
  while (!(await isIt())) await new Promise((resolve) => setTimeout(resolve, intervalMs));
}

async function measure(name, chats) {
  await restart();
  const [before] = await metrics('process_resident_memory_bytes');
  const waiting = new Map();
  for (const { creator } of chats)
    await protocols[name](creator, (text) => waiting.get(text)?.(performance.now()));
  await until(async () => (await metrics('sfchat_held_polls'))[0] >= chats.length);
  const [after, cpuBefore] = await metrics(
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
  );

  const latencies = [];
  for (let index = 0; index < messages; index += 1) {
    const text = `${name} ${index}`;
    const arrived = new Promise((resolve) => waiting.set(text, resolve));
    const sent = performance.now();
    await call('POST', 'messages.json', chats[index % chats.length].joiner, {
      messages: [{ msg: text }],
    });
    latencies.push((await arrived) - sent);
    waiting.delete(text);
  }
  // Until the last proof of arrival: a stream gives it with its next comment.
  await until(async () => (await metrics(ACKNOWLEDGED))[0] >= messages, 500);
  const [cpuAfter] = await metrics('process_cpu_seconds_total');
  latencies.sort((a, b) => a - b);
  return {
    memory: (after - before) / chats.length / 1024,
    median: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: ((cpuAfter - cpuBefore) / messages) * 1000,
  };
}

export async function run({ isQuick }) {
  if (isQuick) [connections, messages] = [100, 200];
  await restart();
  const chats = [];
  while (chats.length < connections) {
    const count = Math.min(50, connections - chats.length);
    chats.push(...(await Promise.all(Array.from({ length: count }, openChat))));
  }
  const result = {};
  for (const name of Object.keys(protocols)) result[name] = await measure(name, chats);
  await pool.destroy();
  await server.stop();
  rmSync(settings.DATA_DIR, { recursive: true });
  return result;
}

export function print(result) {
  const lines = Object.entries(result).map(
    ([name, { memory, median, p99, cpu }]) =>
      `${name.padEnd(14)} ${memory.toFixed(1).padStart(6)} KiB` +
      `${median.toFixed(2).padStart(18)} ms${p99.toFixed(2).padStart(7)} ms` +
      `${cpu.toFixed(2).padStart(13)} ms\n`,
  );
  return `protocol       memory each   arrives: median   p99        CPU per message\n${lines.join('')}`;
}
