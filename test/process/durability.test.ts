import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb, type WebProcess } from '../support/processes.ts';
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
