import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startScript, startWeb, type WebProcess } from '../support/processes.ts';
import { textsIn, type Person } from '../support/test-client.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(60_000);

describe('the built server over its database file', () => {
  let dataDir = '';
  const start = (environment: Record<string, string> = {}): Promise<WebProcess> =>
    startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off', ...environment });
  const kill = async (server: WebProcess): Promise<void> => {
    server.kill('SIGKILL');
    await server.ended;
  };
  /** Whether any file of the data directory has these bytes. */
  const isOnDisk = (text: string): boolean =>
    readdirSync(dataDir).some((name) => readFileSync(path.join(dataDir, name)).includes(text));

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-durability-'));
  });
  afterEach(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });

  it('has every message exactly once that was accepted before it was killed', async () => {
    const first = await start();
    const { creator, joiner } = await first.client.quietPair();
    const accepted = new Map<Person, string[]>();
    const attempted = new Map<Person, { msg: string; _id: string }[]>();
    const talk = async (person: Person, name: string): Promise<void> => {
      for (let index = 0; index < 190; index += 1) {
        const message = { msg: `${name} ${index}`, _id: newToken() };
        attempted.set(person, [...(attempted.get(person) ?? []), message]);
        const { status } = await first.client.send(person, message);
        expect(status).toBe(202);
        accepted.set(person, [...(accepted.get(person) ?? []), message.msg]);
      }
    };

    const talking = Promise.allSettled([talk(creator, 'creator'), talk(joiner, 'joiner')]);
    await eventually(() => (accepted.get(creator)?.length ?? 0) >= 40);
    await kill(first);
    await talking;

    const second = await start();
    const read = async (person: Person) => textsIn(await second.client.receive(person));
    for (const [sender, addressee] of [
      [creator, joiner],
      [joiner, creator],
    ] as const) {
      const said = accepted.get(sender) ?? [];
      const last = attempted.get(sender)!.at(-1)!;
      expect(said.length).toBeLessThan(190);
      expect((await read(addressee)).slice(0, said.length)).toEqual(said);

      // The client heard nothing about its last message, and sends it again.
      expect(await second.client.send(sender, last)).toMatchObject({ status: 202 });
      expect(await read(addressee)).toEqual(attempted.get(sender)!.map(({ msg }) => msg));
    }
  });

  it('keeps chats, who is in them and what was acknowledged', async () => {
    const first = await start();
    const draft = await first.client.creator();
    const { creator, joiner } = await first.client.quietPair({ encrypted: true });
    const message = { msg: 'delivered', _id: newToken() };
    await first.client.send(creator, message);
    await first.client.empty(joiner);
    const closed = await first.client.pair();
    await first.client.close(closed.joiner);

    await kill(first);
    const { client } = await start();

    expect((await client.state(draft)).results).toMatchObject({ status: 'draft' });
    expect((await client.state(joiner)).results).toMatchObject({
      status: 'ready',
      encrypted: true,
    });
    expect(await client.send(creator, message)).toMatchObject({ status: 202 });
    expect(textsIn(await client.receive(joiner))).toEqual([]);
    expect((await client.state(closed.creator)).results).toMatchObject({ status: 'closed' });
    expect(await client.join(creator.chatToken)).toMatchObject({ status: 410 });
    expect(await client.join(draft.chatToken)).toMatchObject({ status: 200 });
  });

  it('leaves nothing of a message on the disk soon after it was acknowledged', async () => {
    const { client } = await start();
    const { creator, joiner } = await client.quietPair();
    const secrets = Array.from({ length: 20 }, (_, index) => `secret-${newToken()}-${index}`);
    await client.send(creator, ...secrets);
    for (const secret of secrets) expect(isOnDisk(secret)).toBe(true);

    await client.empty(joiner);

    await eventually(() => !secrets.some(isOnDisk), 'the texts are erased');
    expect(isOnDisk(creator.chatToken)).toBe(true);
  });

  it('leaves nothing of a chat on the disk soon after both have left it', async () => {
    const { client } = await start();
    const { creator, joiner } = await client.quietPair();
    expect(isOnDisk(creator.chatToken)).toBe(true);
    await client.close(creator);
    await client.empty(creator);

    await client.empty(joiner);

    const traces = [creator.chatToken, creator.userToken, joiner.userToken];
    await eventually(() => !traces.some(isOnDisk), 'the tokens are erased');
    expect(await client.state(creator)).toMatchObject({ status: 401 });
  });

  it('leaves nothing of an acknowledged message on the disk though it was killed', async () => {
    const first = await start();
    const { creator, joiner } = await first.client.quietPair();
    const secret = `secret-${newToken()}`;
    await first.client.send(creator, secret);
    expect(isOnDisk(secret)).toBe(true);
    await first.client.empty(joiner);

    await kill(first);
    await start();

    await eventually(() => !isOnDisk(secret), 'the text is erased');
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

  it('is ready again with everything after it was stopped', async () => {
    const first = await start();
    const { creator, joiner } = await first.client.quietPair();
    await first.client.send(creator, 'See you');
    first.kill('SIGTERM');
    expect(await first.ended).toBe(0);

    const second = await start();

    expect((await second.client.raw('GET', '/readyz')).status).toBe(200);
    expect(textsIn(await second.client.hold(joiner).answer)).toEqual(['See you']);
  });
});

describe('the built server', () => {
  afterEach(endProcesses);

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
