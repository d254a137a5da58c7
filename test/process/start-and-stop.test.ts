import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startScript, startWeb, type WebProcess } from '../support/processes.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(60_000);

describe('the built server with a data directory', () => {
  let dataDir = '';
  const start = (environment: Record<string, string> = {}): Promise<WebProcess> =>
    startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off', ...environment });
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-durability-'));
  });
  afterEach(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });

  it('lets nobody else read the data directory', async () => {
    const inside = path.join(dataDir, 'of', 'its', 'own');
    await start({ DATA_DIR: inside });

    expect(statSync(inside).mode & 0o077).toBe(0);
    expect(statSync(path.join(inside, 'sfchat.db')).mode & 0o077).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'answers held polls with an empty 200 on %s, and ends cleanly',
    async (signal) => {
      const server = await start();
      const { creator, joiner } = await server.client.quietPair();
      const polls = [server.client.hold(creator), server.client.hold(joiner)];
      await eventually(async () => {
        const { text } = await server.client.raw('GET', '/metrics');
        return text.includes('sfchat_held_polls 2');
      }, 'two polls are held');

      server.kill(signal);

      for (const { answer } of polls) {
        const { status, results } = await answer;
        expect(status).toBe(200);
        expect(results).toMatchObject({ count: 0, status: 'ready', messages: [] });
      }
      expect(await server.ended).toBe(0);
    },
  );
});

/** The names of the packages that Node.js looks for when a server in embedded mode starts. */
async function packagesThatLoad(settings: Record<string, string>): Promise<string[]> {
  const trace = path.resolve('test/support/trace-imports.mjs');
  const server = await startWeb({
    DATA_DIR: ':memory:',
    NODE_OPTIONS: `--import=${trace}`,
    ...settings,
  });
  return server.lines
    .filter((line) => line.startsWith('imports '))
    .map((line) => line.slice('imports '.length));
}

describe('the built server', () => {
  afterEach(endProcesses);

  it('ends at the second signal without waiting any longer', async () => {
    const server = await startWeb({ DATA_DIR: ':memory:' });
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    await once(socket, 'connect');
    // A request under way, of which the server has asked for the body: the first signal waits for it.
    socket
      .on('error', () => undefined)
      .write(
        'POST /api/v1/chat.json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
          'Content-Length: 2\r\nExpect: 100-continue\r\n\r\n',
      );
    await once(socket, 'data');
    server.kill('SIGTERM');
    await server.line('"stopping"');

    server.kill('SIGTERM');

    expect(await server.ended).toBe(1);
    expect(server.lines.join()).not.toContain('"stopped"');
  });

  it('has the packages of many files in itself, and loads nothing that only the other mode needs', async () => {
    const packages = await packagesThatLoad({
      ADMIN_PASSWORD: 'secret of twelve',
      GATEWAYS: 'nereid,gradagenda',
    });

    expect(new Set(packages)).toEqual(new Set(['ws']));
  });

  it('does not start with bad settings, and names them all', async () => {
    const server = startScript('src/server.js', {
      DATA_DIR: ':memory:',
      PORT: 'eighty',
      TRUST_PROXY: 'true',
      METRICS_TOKEN: 'hunter2',
    });

    expect(await server.ended).toBe(1);

    expect(server.lines).toHaveLength(2);
    expect(server.lines.join('\n')).toMatch(/^PORT takes .*\nTRUST_PROXY takes .*$/);
  });

  it.each([
    ['where nothing can be created', '/proc/sfchat/data'],
    ['where nothing can be created at all', '/proc/sfchat'],
    ['below a file', path.resolve('package.json/data')],
    ['that is a file', path.resolve('package.json')],
  ])('does not start on a data directory %s, and says so in one line', async (_why, dataDir) => {
    const server = startScript('src/server.js', { DATA_DIR: dataDir, PORT: '0' });

    expect(await server.ended).toBe(1);

    expect(server.lines).toHaveLength(1);
    expect(server.lines[0]).toContain(`DATA_DIR ${dataDir} cannot be used`);
  });

  it('does not start on a data directory that another server uses, until that one is gone', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-shared-'));
    const first = await startWeb({ DATA_DIR: dataDir });

    const second = startScript('src/server.js', { DATA_DIR: dataDir, PORT: '0' });
    expect(await second.ended).toBe(1);
    expect(second.lines.join('\n')).toContain('another server uses it');

    first.kill('SIGKILL');
    await first.ended;
    const third = await startWeb({ DATA_DIR: dataDir });
    expect((await fetch(`${third.origin}/readyz`)).status).toBe(200);
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });

  it('does not start on a port that is taken, and says so', async () => {
    const first = await startWeb({ DATA_DIR: ':memory:' });
    const { port } = new URL(first.origin);

    const second = startScript('src/server.js', { DATA_DIR: ':memory:', PORT: port });

    expect(await second.ended).toBe(1);
    expect(second.lines.join('\n')).toContain(port);
  });

  it('ends chats by itself, on schedule', async () => {
    const { client } = await startWeb({
      DATA_DIR: ':memory:',
      CHAT_LIFETIME: '0.5',
      TERMINATION_SCHEDULE: '* * * * * *',
    });
    const creator = await client.creator();

    await eventually(async () => {
      const { text } = await client.raw('GET', '/metrics');
      return text.includes('sfchat_terminated_chats_total{step="expired"} 1');
    }, 'the chat was expired by the timer');

    expect((await client.state(creator)).results).toMatchObject({ status: 'closed' });
  });
});
