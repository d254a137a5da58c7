import { describeNews } from '../../src/browser/room/secure-words.ts';
import type { IncomingMessage } from '../../src/client/api/answers.ts';
import { newToken } from '../../src/client/api/token.ts';
import type { KeptChat, Vault } from '../../src/client/keys/kept-chat.ts';
import { createMemoryVault } from '../../src/client/keys/memory-vault.ts';
import { secureEventsOf, type Line, type Reading } from '../../src/client/connection/line.ts';
import { createSecureLine } from '../../src/client/connection/secure-line.ts';
import { KeysLost } from '../../src/client/keys/keeper.ts';
import {
  generateCode,
  generateSealingKey,
  openSecureChat,
  type HandshakeMemory,
  type Role,
} from '../../src/crypto/index.ts';

const CODE = generateCode();

async function newKept(role: Role, memory?: HandshakeMemory): Promise<KeptChat> {
  return {
    state: await openSecureChat(role, CODE, memory),
    sealingKey: await generateSealingKey(),
    code: CODE,
    outbox: [],
    unshown: undefined,
    compared: undefined,
    endsAt: Infinity,
  };
}

const written = (): Promise<void> => Promise.resolve();

/** One browser: what it keeps, and one of its tabs. */
interface Tab {
  readonly line: Line;
  readonly vault: Vault;
  /** The same chat in another tab, or after a reload. */
  again(): Promise<Line>;
}

async function openTab(role: Role): Promise<Tab> {
  const kept = await newKept(role);
  const vault = createMemoryVault(kept, () => undefined);
  return {
    vault,
    line: createSecureLine({ vault, kept, lost: false, written }),
    again: async () =>
      createSecureLine({ vault, kept: (await vault.read())!, lost: false, written }),
  };
}

const incoming = (msg: string, _id = newToken()): IncomingMessage => ({ _id, msg, system: false });

/** Takes everything out of an outbox. */
async function take(line: Line): Promise<IncomingMessage[]> {
  const messages = line.outbox.pending();
  line.outbox.remove(messages.map(({ _id }) => _id));
  await line.refresh();
  return messages.map(({ _id, msg }) => incoming(msg, _id));
}

/** Carries messages to and fro until nothing is under way. */
async function exchange(one: Line, other: Line): Promise<void> {
  for (;;) {
    const [fromOne, fromOther] = [await take(one), await take(other)];
    if (fromOne.length + fromOther.length === 0) return;
    await other.read(fromOne);
    await one.read(fromOther);
  }
}

async function secured(): Promise<{ creator: Tab; joiner: Tab }> {
  const [creator, joiner] = [await openTab('creator'), await openTab('joiner')];
  await creator.line.begin();
  await joiner.line.begin();
  await exchange(creator.line, joiner.line);
  return { creator, joiner };
}

const texts = (reading: Reading): string[] =>
  secureEventsOf(reading).flatMap((event) => (event.type === 'text' ? [event.text] : []));

describe('the line of an encrypted chat', () => {
  test('exchanges keys by itself and shows both the same words', async () => {
    const { creator, joiner } = await secured();
    const [one, other] = [creator.line.secrecy(), joiner.line.secrecy()];
    expect(one).toMatchObject({ kind: 'encrypted', compared: false });
    expect(other).toEqual(one);
  });

  test('keeps the code only until the talker is there', async () => {
    const { creator } = await secured();
    expect((await creator.vault.read())?.code).toBeUndefined();
  });

  test('gives two tabs that write at once different sequences', async () => {
    const { creator, joiner } = await secured();
    const [one, other] = [await creator.again(), await creator.again()];
    await Promise.all(
      Array.from({ length: 10 }, (_unused, index) =>
        (index % 2 === 0 ? one : other).write(newToken(), `text ${index}`),
      ),
    );
    await one.refresh();
    const reading = await joiner.line.read(await take(one));
    expect(texts(reading).sort()).toEqual(
      Array.from({ length: 10 }, (_unused, index) => `text ${index}`).sort(),
    );
    expect(secureEventsOf(reading).map(({ type }) => type)).not.toContain('missing');
  });

  test('keeps what is written in one go in one step, in order, and a text that may not be sent alone is refused', async () => {
    const { creator, joiner } = await secured();
    const steps = jest.spyOn(creator.vault, 'update');
    const written = [
      creator.line.write(newToken(), 'one'),
      creator.line.write(newToken(), 'two'),
      creator.line.write(newToken(), 'half \ud83d'),
      creator.line.write(newToken(), 'three'),
    ];
    const results = await Promise.allSettled(written);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(steps).toHaveBeenCalledTimes(1);
    const reading = await joiner.line.read(await take(creator.line));
    expect(texts(reading)).toEqual(['one', 'two', 'three']);
  });

  test('reads again what was opened, but not shown before the page went away', async () => {
    const { creator, joiner } = await secured();
    await creator.line.write(newToken(), 'Hi');
    const messages = await take(creator.line);
    expect(texts(await joiner.line.read(messages))).toEqual(['Hi']);
    const reloaded = await joiner.again();
    expect(texts(await reloaded.read(messages))).toEqual(['Hi']);
  });

  test('opens a message under an id that the server has used before, or refuses it', async () => {
    const { creator, joiner } = await secured();
    await creator.line.write(newToken(), 'first');
    await creator.line.write(newToken(), 'second');
    const [first, second] = await take(creator.line);
    const reading = await joiner.line.read([first!, { ...second!, _id: first!._id }]);
    expect(texts(reading)).toEqual(['first', 'second']);
    const lines = reading.flatMap(describeNews);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(2);
  });

  test('says of every frame whether the talker has opened it', async () => {
    const { creator, joiner } = await secured();
    const id = newToken();
    await creator.line.write(id, 'Hi');
    const sent = creator.line.frameOf(id)!;
    await joiner.line.read(await take(creator.line));
    expect(creator.line.isConfirmed(sent)).toBe(false);
    await joiner.line.write(newToken(), 'Hello');
    await creator.line.read(await take(joiner.line));
    expect(creator.line.isConfirmed(sent)).toBe(true);
  });

  test('forgets that words were compared when the keys change', async () => {
    const { creator, joiner } = await secured();
    await creator.line.setCompared();
    expect(creator.line.secrecy()).toMatchObject({ compared: true });
    expect((await creator.again()).secrecy()).toMatchObject({ compared: true });
    await joiner.line.exchangeAnew();
    await exchange(joiner.line, creator.line);
    expect(creator.line.secrecy()).toMatchObject({ kind: 'encrypted', compared: false });
  });

  test('says that nothing can go on when the browser has lost what it kept', async () => {
    const { creator } = await secured();
    await creator.vault.remove();
    await expect(creator.line.write(newToken(), 'Hi')).rejects.toBeInstanceOf(KeysLost);
  });

  test('exchanges keys anew when a reload has lost them', async () => {
    const { creator, joiner } = await secured();
    const kept = await newKept('joiner', (await joiner.vault.read())!.state.memory);
    const vault = createMemoryVault(kept, () => undefined);
    const reloaded = createSecureLine({ vault, kept, lost: true, written });
    expect(reloaded.secrecy().kind).toBe('exchanging');
    await reloaded.begin();
    await exchange(reloaded, creator.line);
    expect(reloaded.secrecy()).toEqual(creator.line.secrecy());
  });

  test('offers nothing again that was accepted while an earlier acceptance was being stored', async () => {
    const { creator } = await secured();
    const kept = (await creator.vault.read())!;
    let store = (): void => undefined;
    let isShown = Promise.resolve();
    const line = createSecureLine({ ...creator, kept, lost: false, written: () => isShown });
    const ids = ['one', 'two', 'three'].map(() => newToken());
    await Promise.all(ids.map((id) => line.write(id, 'Hi')));
    isShown = new Promise((resolve) => (store = resolve));
    const offered: string[][] = [];
    const look = (): void => void offered.push(line.outbox.pending().map(({ _id }) => _id));
    line.outbox.remove(ids.slice(0, 1));
    await Promise.resolve();
    line.outbox.remove(ids.slice(1, 2));
    store();
    for (let turns = 0; turns < 30; turns += 1) {
      look();
      await Promise.resolve();
    }
    await line.refresh();
    expect(new Set(offered.flat())).toEqual(new Set(ids.slice(2)));
    expect((await creator.vault.read())?.outbox.map(({ _id }) => _id)).toEqual(ids.slice(2));
  });

  test('lets no text leave that is not kept', async () => {
    const { creator } = await secured();
    const kept = (await creator.vault.read())!;
    const full = () => Promise.reject(new Error('full'));
    const line = createSecureLine({ vault: creator.vault, kept, lost: false, written: full });
    await expect(line.write(newToken(), 'Hi')).rejects.toThrow('full');
    expect((await creator.vault.read())?.outbox).toEqual([]);
  });
});
