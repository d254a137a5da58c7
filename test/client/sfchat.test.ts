import { SfChat, type ChatEvent, type Fetch } from '../../src/client/index.ts';
import { createBackoff } from '../../src/client/connection/backoff.ts';
import { eventually } from '../support/eventually.ts';
import { startService, type TestService } from '../support/test-service.ts';

let service: TestService;
let server: string;
let open: SfChat[] = [];

beforeAll(async () => {
  service = await startService();
  const address = service.server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  server = `http://127.0.0.1:${address.port}`;
});

afterEach(() => {
  for (const chat of open) chat.leave();
  open = [];
});

afterAll(() => service.close());

const makeBackoff = () => createBackoff({ shortestMs: 5, longestMs: 20 });

/** A chat, and everything that has happened in it. */
function follow(chat: SfChat) {
  const events: ChatEvent[] = [];
  open.push(chat);
  const over = (async () => {
    for await (const event of chat) events.push(event);
  })();
  const names = (): string[] => events.map(({ event }) => event);
  const saw = (event: ChatEvent['event']) =>
    eventually(() => names().includes(event), `${event} after ${names().join()}`);
  return { chat, events, names, saw, over };
}

async function pair(options: { plain?: boolean; fetch?: Fetch } = {}) {
  const creator = follow(await SfChat.create({ server, makeBackoff, ...options }));
  const joiner = follow(await SfChat.join(creator.chat.invitation.link, { makeBackoff }));
  return { creator, joiner };
}

describe('a chat of a program', () => {
  test('says what happens, in order, to both', async () => {
    const { creator, joiner } = await pair();
    await Promise.all([creator.saw('secure'), joiner.saw('secure')]);
    creator.chat.send('Hi');
    await joiner.saw('message');
    expect(await creator.chat.delivered()).toBe(true);
    await creator.chat.close();
    await Promise.all([creator.over, joiner.over]);
    expect(creator.names()).toEqual(
      ['invitation', 'system', 'system', 'joined', 'secure'].concat([
        'sent',
        'delivered',
        'system',
        'closed',
      ]),
    );
    expect([creator.chat.closed, joiner.chat.closed]).toEqual(['you', 'talker']);
  });

  test('keeps what is sent too early, and refuses what is no message', async () => {
    const creator = follow(await SfChat.create({ server, makeBackoff }));
    creator.chat.send('before anybody is there');
    for (const text of ['', ' ', 'x'.repeat(141), 'a\0']) {
      expect(() => creator.chat.send(text)).toThrow('cannot be sent');
    }
    const joiner = follow(await SfChat.join(creator.chat.invitation.code, { server, makeBackoff }));
    await joiner.saw('message');
  });

  test('is not encrypted only when that was asked for', async () => {
    const { creator, joiner } = await pair({ plain: true });
    creator.chat.send('readable');
    await joiner.saw('message');
    expect([creator.chat.encrypted, joiner.chat.encrypted]).toEqual([false, false]);
    expect(joiner.names()).not.toContain('secure');
  });

  test('refuses a server that calls an encrypted chat plain', async () => {
    const lying: Fetch = async (url, init) => {
      const answer = await fetch(url, init);
      return {
        status: answer.status,
        headers: answer.headers,
        json: async () => {
          const body = (await answer.json()) as { results: object };
          return { results: { ...body.results, encrypted: false } };
        },
      };
    };
    const creating = SfChat.create({ server, makeBackoff, fetch: lying });
    await expect(creating).rejects.toThrow('another kind');
  });

  test('goes on when answers get lost, and says each thing once', async () => {
    let calls = 0;
    const unreliable: Fetch = async (url, init) => {
      calls += 1;
      const isLost = calls % 3 === 0;
      const answer = await fetch(url, init);
      if (isLost) throw new Error('lost');
      return answer;
    };
    const { creator, joiner } = await pair({ fetch: unreliable });
    const texts = Array.from({ length: 10 }, (_unused, index) => `text ${index}`);
    texts.forEach((text) => creator.chat.send(text));
    texts.forEach((text) => joiner.chat.send(text));
    const heard = ({ events }: typeof creator) =>
      events.flatMap((event) => (event.event === 'message' ? [event.text] : []));
    await eventually(
      () => heard(creator).length + heard(joiner).length >= 20,
      'all is heard',
      25_000,
    );
    expect(heard(creator)).toEqual(texts);
    expect(heard(joiner)).toEqual(texts);
    expect(creator.names()).not.toContain('warning');
  });

  test.each(['chat.example', 'ftp://chat.example', 'http://me@chat.example', 'http://x/?a=b'])(
    'needs the address of a server, and %s is none',
    async (address) => {
      await expect(SfChat.create({ server: address })).rejects.toThrow(TypeError);
    },
  );

  test('sends no step of an exchange after it was left', async () => {
    let posts = 0;
    const counting: Fetch = (url, init) => {
      posts += init.method === 'POST' ? 1 : 0;
      return fetch(url, init);
    };
    const { creator, joiner } = await pair({ fetch: counting });
    await Promise.all([creator.saw('secure'), joiner.saw('secure')]);
    const before = posts;
    const exchanging = creator.chat.exchangeAnew();
    creator.chat.leave();
    expect(await exchanging).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(posts).toBe(before);
  });

  test('needs an invitation', async () => {
    await expect(SfChat.join('hello', { server })).rejects.toThrow('no invitation');
    await expect(SfChat.join('g'.repeat(24), { server })).rejects.toMatchObject({ code: 404 });
  });

  // It moves the clock of the service, so it is the last one.
  test('calls nothing delivered that the end of its lifetime has removed', async () => {
    const { creator, joiner } = await pair();
    await Promise.all([creator.saw('secure'), joiner.saw('secure')]);
    joiner.chat.leave();
    creator.chat.send('for nobody');
    await creator.saw('sent');
    await service.clock.advance(service.timing.chatLifetimeMs);
    await creator.over;
    expect(creator.chat.closed).toBe('expired');
    expect(creator.names()).not.toContain('delivered');
    expect(await creator.chat.delivered()).toBe(false);
  });
});
