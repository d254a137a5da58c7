import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { endCommandLines, runCommandLine, type CommandLine } from '../support/command-line.ts';
import {
  altering,
  dropping,
  forgedRestarts,
  honest,
  ofKind,
  reordering,
  replaying,
  withPayload,
} from '../support/hostile-relay.ts';
import { endProcesses, startWeb, type WebProcess } from '../support/processes.ts';
import { startRelay, type RelayServer } from '../support/relay-server.ts';

// Each starts some processes, on a machine that may do other things, too.
jest.setTimeout(90_000);

/** So that the talker stays below the limit of messages. */
const BETWEEN_TEXTS_MS = 500;

let web: WebProcess;
let relay: RelayServer;

beforeAll(async () => {
  web = await startWeb({ DATA_DIR: ':memory:' });
});

beforeEach(async () => {
  relay = await startRelay(web.origin);
});

afterEach(async () => {
  await endCommandLines();
  await relay.close();
});
afterAll(endProcesses);

async function talk() {
  const creator = runCommandLine('create', '--json', '--server', relay.origin);
  const { link } = await creator.first('invitation');
  const joiner = runCommandLine('join', '--json', link);
  return { creator, joiner };
}

async function secured() {
  const pair = await talk();
  await Promise.all([pair.creator.first('secure'), pair.joiner.first('secure')]);
  return pair;
}

const hears = (one: CommandLine, text: string) =>
  one.first('message', (message) => message.text === text);

const textsOf = (one: CommandLine): string[] => one.all('message').map(({ text }) => text);

/** Whatever was said before this has arrived, changed or not. */
async function sayAfterwards(from: CommandLine, to: CommandLine): Promise<void> {
  relay.meddler = honest;
  from.write('afterwards');
  await hears(to, 'afterwards');
}

describe('a server that', () => {
  test('changes a message has it shown to nobody, and is noticed', async () => {
    const { creator, joiner } = await secured();
    relay.meddler = altering(ofKind('m'), () => 200);
    creator.write('Hi');
    await joiner.first('warning', ({ reason }) => reason === 'unreadable');
    await sayAfterwards(creator, joiner);
    expect(textsOf(joiner)).toEqual(['afterwards']);
  });

  test('drops a message is noticed with the next one, and confirms it to nobody', async () => {
    const { creator, joiner } = await secured();
    relay.meddler = dropping(ofKind('m'));
    creator.write('lost');
    const { id } = await creator.first('delivered');
    await sayAfterwards(creator, joiner);
    expect(await joiner.first('warning')).toMatchObject({ reason: 'missing', count: 1 });
    joiner.write('I read what is there');
    await hears(creator, 'I read what is there');
    const confirmed = creator.all('delivered').filter((event) => event.confirmed);
    expect(confirmed.map((event) => event.id)).not.toContain(id);
  });

  test('repeats messages has each shown once', async () => {
    const { creator, joiner } = await secured();
    relay.meddler = replaying(ofKind('m'), 5);
    creator.write('once');
    await hears(joiner, 'once');
    await sayAfterwards(creator, joiner);
    expect(textsOf(joiner)).toEqual(['once', 'afterwards']);
  });

  test('delivers in another order is noticed, and nothing is lost', async () => {
    const { creator, joiner } = await secured();
    relay.meddler = reordering(ofKind('m'));
    creator.write('first', 'second');
    expect(await hears(joiner, 'first')).toMatchObject({ late: true });
    expect(textsOf(joiner)).toEqual(['second', 'first']);
    expect(joiner.all('warning')).toMatchObject([{ reason: 'missing' }]);
  });

  test('says something in the other’s place is not believed', async () => {
    const { creator, joiner } = await secured();
    const bogus = withPayload('sfc1.m.', randomBytes(668));
    relay.forged.push({ to: 'joiner', msg: 'I am Talker' }, { to: 'joiner', msg: bogus });
    relay.forged.push(...forgedRestarts((length) => randomBytes(length)));
    await sayAfterwards(creator, joiner);
    await sayAfterwards(joiner, creator);
    expect(textsOf(joiner)).toEqual(['afterwards']);
    const reasons = joiner.all('warning').map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(['not encrypted', 'unreadable']));
    expect(creator.all('warning').map(({ reason }) => reason)).toContain('forged restart');
    expect(creator.all('secure')).toHaveLength(1);
  });

  test.each(['c', 'k'] as const)(
    'changes a step (%s) of the exchange gets no text',
    async (kind) => {
      relay.meddler = altering(ofKind(kind), () => 20);
      const { creator, joiner } = await talk();
      creator.write('secret');
      joiner.write('secret');
      const codes = await Promise.all([creator.ended, joiner.ended]);
      expect(codes).toContain(6);
      const warnings = [...creator.all('warning'), ...joiner.all('warning')];
      expect(warnings).toContainEqual(
        expect.objectContaining({ reason: 'handshake failed', final: true }),
      );
      expect([...creator.all('secure'), ...joiner.all('secure')]).toEqual([]);
      expect([...creator.all('sent'), ...joiner.all('sent')]).toEqual([]);
      expect(relay.recorded.join('\n')).not.toContain('secret');
    },
  );

  test('lies about what it keeps is quoted, and confirms nothing', async () => {
    const { creator, joiner } = await secured();
    relay.waiting = 1;
    creator.write('Hi');
    await hears(joiner, 'Hi');
    expect(creator.all('delivered')).toEqual([]);
    joiner.write('I have it');
    // Only the talker can say so.
    expect(await creator.first('delivered')).toMatchObject({ confirmed: true });
  });

  test('calls delivered what it has thrown away is contradicted by what the talker writes', async () => {
    const { creator, joiner } = await secured();
    relay.meddler = dropping(ofKind('m'));
    creator.write('lost');
    const { id, confirmed } = await creator.first('delivered');
    expect(confirmed).toBe(false);
    relay.meddler = honest;
    // The talker goes on for longer than an honest one may who has not read yet.
    for (let number = 0; creator.all('warning').length === 0; number += 1) {
      joiner.write(`text ${number}`);
      await hears(creator, `text ${number}`);
      await setTimeout(BETWEEN_TEXTS_MS);
    }
    expect(creator.all('warning')).toEqual([{ event: 'warning', reason: 'contradiction', id }]);
    creator.end();
    expect(await creator.ended).toBe(5);
    expect(creator.all('delivered')).toHaveLength(1);
  });
});
