// What one message costs the server, by part: the profiler's samples of SFChat under the load of `messages`,
// put together by what the code is for.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openChats, talk } from '../support/saturation.mjs';
import { cpuSeconds, possible, startServer } from '../support/servers.mjs';

export const about = 'what one message costs SFChat, by part of the code';

const WARM_UP_MS = 2000;

/** The first whose pattern is found in a frame's file or function is what the frame is for. */
const partOf = [
  ['waiting for nothing', /^\(idle\)$/],
  ['system calls and engine', /^\(program\)$/],
  ['garbage collection', /^\(garbage collector\)$/],
  ['sockets and HTTP of Node.js', /^node:/],
  [
    'Express',
    /node_modules\/(express|router|path-to-regexp|finalhandler|qs|parseurl|on-finished|accepts|type-is|proxy-addr|debug|merge-descriptors|mime-types|mime-db)\//,
  ],
  ['body parser', /node_modules\/(body-parser|raw-body|iconv-lite|bytes|content-type|depd)\//],
  ['schemas', /node_modules\/zod|http\/api\/schemas/],
  ['metrics and logs', /node_modules\/(prom-client|pino|sonic-boom)|http\/ops\//],
  ['limits', /node_modules\/(rate-limiter-flexible|ipaddr)|http\/(limits|address)/],
  ['store', /node_modules\/(libsql|mongodb|bson)|src\/(embedded|distributed)\//],
  ['rules of a chat and held polls', /src\/(chat|protocol)/],
  ['routes and answers', /src\/(http|app)/],
];

export async function run({ isQuick }) {
  const result = {};
  for (const name of possible(['disk', 'memory', 'distributed']))
    result[name] = await profile(name, isQuick ? 2000 : 5000);
  return result;
}

async function profile(name, milliseconds) {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-profile-'));
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${directory}`];
    const server = await startServer(name, {}, flags);
    const chats = await openChats(server);
    await talk(chats, WARM_UP_MS);
    const cpu = cpuSeconds(server.pid);
    const messages = await talk(chats, milliseconds);
    const microseconds = ((cpuSeconds(server.pid) - cpu) * 1e6) / messages;
    for (const { sender, receiver } of chats) [sender, receiver].forEach((one) => one.close());
    await server.stop();
    return { microseconds: Math.round(microseconds), shares: sharesIn(directory) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Share of the main thread's busy time by part, the largest first. */
function sharesIn(directory) {
  const profiles = readdirSync(directory).map((file) =>
    JSON.parse(readFileSync(path.join(directory, file), 'utf8')),
  );
  // A thread of the server has a profile of its own, and fewer samples.
  const { nodes, samples, timeDeltas } = profiles.sort(
    (one, other) => other.nodes.length - one.nodes.length,
  )[0];
  const sourceOf = findSources();
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partFor(callFrame, sourceOf)]));
  const spent = new Map();
  samples.forEach((id, index) => {
    const part = parts.get(id);
    spent.set(part, (spent.get(part) ?? 0) + timeDeltas[index]);
  });
  spent.delete(partOf[0][0]);
  const all = [...spent.values()].reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(
    [...spent]
      .sort((one, other) => other[1] - one[1])
      .map(([part, time]) => [part, Number((time / all).toFixed(3))]),
  );
}

function partFor(callFrame, sourceOf) {
  const { functionName, url } = callFrame;
  const where = url === '' ? functionName : sourceOf(callFrame);
  const part = partOf.find(([, pattern]) => pattern.test(where))?.[0];
  // What has no file is the engine's own: writing to a socket, regular expressions, parsing.
  return part ?? (url === '' ? 'system calls and engine' : 'other');
}

/** Gives what names the source of a frame: what runs of ours is bundled, and has a map beside it. */
function findSources() {
  const maps = new Map();
  const mapOf = (url) => {
    if (!maps.has(url)) maps.set(url, readMap(url));
    return maps.get(url);
  };
  return ({ url, lineNumber, columnNumber }) =>
    mapOf(url)?.findEntry(lineNumber, columnNumber).originalSource ?? url;
}

function readMap(url) {
  // Packages have maps, too, to sources that do not name the package.
  const isOurs = url.startsWith('file:') && !url.includes('/node_modules/');
  const file = isOurs ? `${fileURLToPath(url)}.map` : '';
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export function print(result) {
  return Object.entries(result)
    .map(([name, { microseconds, shares }]) => {
      const lines = Object.entries(shares).map(
        ([part, share]) => `  ${(share * 100).toFixed(1).padStart(5)} %  ${part}`,
      );
      return `${name}: ${microseconds} µs of CPU each, profiler included\n${lines.join('\n')}\n`;
    })
    .join('');
}
