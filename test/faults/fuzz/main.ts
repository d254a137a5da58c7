import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { newToken } from '../../../src/chat/chat.ts';
import { endAllProcesses, freePort, Supervised, until } from '../campaign/processes.ts';
import { randomFrom } from '../campaign/stage.ts';
import { Wire } from '../campaign/wire.ts';
import {
  garbage,
  requestFor,
  type Description,
  type FuzzRequest,
  type KnownTokens,
  type Random,
} from './requests.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const cases = Number(values.cases);

/** Of so many cases one is bytes on a connection instead of a request. */
const ONE_RAW_IN = 10;

const AT_ONCE = 16;

/** Milliseconds that an answer should take at the most; a machine that does other things may need longer. */
const SLOW_MS = 1000;
const HUNG_MS = 30_000;

/** Bytes by which the memory may have grown when all is over. */
const GROWTH = 150 * 1024 * 1024;

const faults: string[] = [];
const codes = new Map<number, number>();
const times: number[] = [];
const agent = new Agent({ connections: AT_ONCE });

/** What no answer may be, whatever was asked. */
function check(what: string, code: number, type: string, text: string, isApi: boolean): void {
  codes.set(code, (codes.get(code) ?? 0) + 1);
  if (code >= 500 && code !== 501 && code !== 503) faults.push(`${code} to ${what}`);
  if (isApi && /html/i.test(type)) faults.push(`HTML to ${what}`);
  if (isApi && /<html|<!doctype/i.test(text)) faults.push(`HTML in the answer to ${what}`);
  if (/\n\s+at .+:\d+|node_modules|\/src\//.test(text)) faults.push(`a stack trace to ${what}`);
}

async function ask(origin: string, { method, path, headers, body }: FuzzRequest): Promise<void> {
  const what = JSON.stringify({ method, path, headers, body: String(body).slice(0, 300) });
  const begun = performance.now();
  try {
    const answer = await request(`${origin}${path}`, {
      method: method as 'GET',
      headers,
      body: body ?? null,
      dispatcher: agent,
      signal: AbortSignal.timeout(HUNG_MS),
    });
    const text = await answer.body.text();
    const type = String(answer.headers['content-type'] ?? '');
    check(what, answer.statusCode, type, text, true);
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      faults.push(`no answer to ${what}`);
    // What cannot be sent, or a connection that is refused after a body that was too long.
    else codes.set(0, (codes.get(0) ?? 0) + 1);
  }
  times.push(performance.now() - begun);
}

/** Writes bytes and reads whatever comes until the connection ends. */
function speak(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    // Nobody has to answer half a request: the client goes away.
    const timer = setTimeout(() => socket.destroy(), 200);
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      const what = JSON.stringify(bytes.toString('latin1').slice(0, 200));
      for (const [, code] of text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) {
        check(what, Number(code), '', text, /^"[A-Z]+ \/api\//.test(what));
      }
      resolve();
    });
    socket.end(bytes);
  });
}

async function chats(wire: Wire): Promise<KnownTokens[]> {
  const all: KnownTokens[] = [];
  for (let count = 0; count < 20; count += 1) {
    const chatToken = newToken();
    const creator = { chatToken, userToken: newToken() };
    const joiner = { chatToken, userToken: newToken() };
    await wire.call('POST', 'chat.json', { tokens: creator });
    if (count % 2 === 0) await wire.call('PUT', 'chat.json', { tokens: joiner });
    all.push(creator, joiner);
  }
  return all;
}

async function metric(origin: string, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}

async function fuzz(web: Supervised, random: Random): Promise<void> {
  const { origin, port } = web;
  const wire = new Wire(() => origin);
  const description = (await (await fetch(`${origin}/api/v1/openapi.json`)).json()) as Description;
  let left = cases;
  let known = await chats(wire);
  const before = await metric(origin, 'process_resident_memory_bytes');
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      // Random requests close chats soon.
      if (left % 1000 === 0) known = await chats(wire);
      if (left % ONE_RAW_IN === 0) await speak(port, garbage(random));
      else await ask(origin, requestFor(description, known, random));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  await until(async () => (await metric(origin, 'sfchat_held_polls')) === 0, 'no poll is held');
  if ((await web.status('/readyz')) !== 200) faults.push('it is not ready afterwards');
  const growth = (await metric(origin, 'process_resident_memory_bytes')) - before;
  if (growth > GROWTH) faults.push(`the memory has grown by ${growth} bytes`);
  process.stdout.write(`memory afterwards: ${(growth / 1024 / 1024).toFixed(0)} MiB more\n`);
  await wire.close();
}

process.once('exit', endAllProcesses);
const web = new Supervised('src/server.js', await freePort(), {
  DATA_DIR: ':memory:',
  GATEWAYS: 'nereid,gradagenda',
  LONG_POLLING_SLEEP: '0.1',
  LONG_POLLING_ITERATION: '2',
});
await web.start();
process.stdout.write(`seed ${values.seed}\n`);
await fuzz(web, randomFrom(Number(values.seed)));
await agent.destroy();
await web.end('SIGTERM');

times.sort((a, b) => a - b);
const slow = times.filter((time) => time > SLOW_MS).length;
const table = [...codes].sort(([a], [b]) => a - b).map(([code, count]) => `${code}: ${count}`);
process.stdout.write(
  `${cases} cases, answers ${table.join(', ')} (0: none, the connection was closed)\n` +
    `median ${times[Math.floor(times.length / 2)]?.toFixed(1)} ms, longest ${times.at(-1)?.toFixed(0)} ms, over ${SLOW_MS} ms: ${slow}\n` +
    `faults: ${faults.length}\n${faults.slice(0, 20).join('\n')}\n`,
);
process.exit(faults.length === 0 ? 0 : 1);
