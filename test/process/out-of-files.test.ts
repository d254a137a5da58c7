import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb, type WebProcess } from '../support/processes.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(60_000);

/** Files that the process may have open, its own included. */
const MOST_FILES = 200;

let dataDir = '';
const sockets: Socket[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-files-'));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await endProcesses();
  rmSync(dataDir, { recursive: true });
});

/** A server without limits of its own, so that nothing but the system bounds what it opens. */
const start = (environment: Record<string, string> = {}): Promise<WebProcess> =>
  startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off', ...environment }, { mostFiles: MOST_FILES });

const openFiles = ({ pid }: WebProcess): number => readdirSync(`/proc/${pid}/fd`).length;

const QUESTION = 'GET /healthz HTTP/1.1\r\nHost: sfchat\r\n\r\n';

/** What comes over a connection until it is answered or closed. */
async function ask(socket: Socket, question = QUESTION): Promise<string> {
  let text = '';
  const onData = (chunk: Buffer) => (text += chunk.toString());
  socket.on('data', onData);
  if (!socket.destroyed) socket.write(question);
  await eventually(() => text !== '' || socket.destroyed, 'it is answered or closed', 20_000);
  socket.off('data', onData);
  return text;
}

function open(to: { port: number; host: string } | { path: string }): Socket {
  const socket = connect(to);
  sockets.push(socket.on('error', () => undefined));
  return socket;
}

/** Opens connections until one is not served; gives what that one was told. */
async function exhaust(web: WebProcess): Promise<string> {
  const port = Number(new URL(web.origin).port);
  for (let count = 0; count < 2 * MOST_FILES; count += 1) {
    const text = await ask(open({ port, host: '127.0.0.1' }));
    if (!text.startsWith('HTTP/1.1 200')) return text;
  }
  throw new Error('the process opens more than it may');
}

async function expectServed(socket: Socket | undefined): Promise<void> {
  expect(socket && (await ask(socket))).toMatch(/^HTTP\/1\.1 200 /);
}

describe('a process that can open no more files', () => {
  it('goes on with whom it has, and with everybody when there are files again', async () => {
    const web = await start();
    const { creator, joiner } = await web.client.quietPair();
    await web.client.send(joiner, 'before');

    expect(await exhaust(web)).toBe('');
    await expectServed(sockets[0]);

    for (const socket of sockets.splice(0)) socket.destroy();
    const isBack = () =>
      web.client.raw('GET', '/healthz').then(
        () => true,
        () => false,
      );
    await eventually(isBack, 'new connections are answered', 20_000);
    expect((await web.client.send(joiner, 'after')).status).toBe(202);
    const { results } = await web.client.receive(creator);
    expect(results.messages.map(({ msg }) => msg)).toEqual(['before', 'after']);
  });

  it('is not ended by an operator who asks for something then', async () => {
    const web = await start();
    await exhaust(web);

    expect(await ask(open({ path: path.join(dataDir, 'operators.sock') }), '{}\n')).toBe('');

    await expectServed(sockets[0]);
  });
});

describe('a process with limits', () => {
  it('refuses connections with an answer before it can open no more files', async () => {
    const web = await start({ RATE_LIMITS: 'on' });

    expect(await exhaust(web)).toMatch(/^HTTP\/1\.1 (429|503) /);
    expect(openFiles(web)).toBeLessThan(MOST_FILES);
  });
});
