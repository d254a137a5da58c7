import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import type { Token } from '../../src/protocol.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb } from '../support/processes.ts';
import type { Person, TestClient } from '../support/test-client.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(120_000);

/** So many talk at once, so that a kill meets some of them between memory and disk. */
const CHATS = 12;

/** One talks, the other reads and acknowledges; each notes what the server has answered. */
class Conversation {
  readonly accepted = new Set<Token>();
  readonly received = new Set<Token>();
  readonly acknowledged = new Set<Token>();
  attempted: Token = newToken();
  readonly #sender: Person;
  readonly #reader: Person;

  constructor({ creator, joiner }: { creator: Person; joiner: Person }) {
    this.#sender = creator;
    this.#reader = joiner;
  }

  /** Goes on until the server is gone. */
  async talk(client: TestClient): Promise<void> {
    for (;;) {
      this.attempted = newToken();
      await this.sendAttempted(client);
    }
  }

  async sendAttempted(client: TestClient): Promise<void> {
    const { status } = await client.send(this.#sender, { msg: 'Hi', _id: this.attempted });
    if (status === 202) this.accepted.add(this.attempted);
  }

  async readAlong(client: TestClient): Promise<void> {
    for (;;) {
      const ids = await this.inbox(client);
      for (const id of ids) this.received.add(id);
      if (ids.length === 0) continue;
      const { status } = await client.acknowledge(this.#reader, ...ids);
      if (status === 202) for (const id of ids) this.acknowledged.add(id);
    }
  }

  async inbox(client: TestClient): Promise<Token[]> {
    const { results } = await client.receive(this.#reader);
    return results.messages.map(({ _id }) => _id);
  }
}

describe('a server that is killed while many talk', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-kill-'));
  });
  afterEach(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });
  const serve = () => startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off' });

  it('has lost, doubled and brought back nothing that it had answered', async () => {
    const first = await serve();
    const conversations: Conversation[] = [];
    for (let index = 0; index < CHATS; index += 1) {
      conversations.push(new Conversation(await first.client.quietPair()));
    }
    const talking = Promise.allSettled(
      conversations.flatMap((each) => [each.talk(first.client), each.readAlong(first.client)]),
    );
    const sum = (count: (each: Conversation) => number) =>
      conversations.reduce((all, each) => all + count(each), 0);
    await eventually(
      () =>
        sum((each) => each.accepted.size) >= 200 && sum((each) => each.acknowledged.size) >= 100,
      'they talk',
      60_000,
    );

    first.kill('SIGKILL');
    await first.ended;
    await talking;
    const { client } = await serve();

    for (const each of conversations) {
      const inbox = await each.inbox(client);
      expect(new Set(inbox).size).toBe(inbox.length);
      const missing = [...each.accepted].filter(
        (id) => !each.received.has(id) && !inbox.includes(id),
      );
      expect(missing).toEqual([]);
      expect(inbox.filter((id) => each.acknowledged.has(id))).toEqual([]);

      // Nobody knows of the last message whether it was taken; asking again makes that certain.
      await each.sendAttempted(client);
      const after = await each.inbox(client);
      expect(after.filter((id) => id === each.attempted).length).toBeLessThanOrEqual(1);
      expect(each.accepted.has(each.attempted)).toBe(true);
      expect(after.includes(each.attempted) || each.received.has(each.attempted)).toBe(true);
    }
  });
});
