import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openChatStore } from '../../src/embedded/embedded-chat-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventsIn, textsIn, type Answer, type Person } from '../support/test-client.ts';
import { startService, useFreshService } from '../support/test-service.ts';

const SECOND = 1000;
const LIFETIME = 24 * 3600 * SECOND;
const GRACE = 600 * SECOND;

const ABSENT = 'Thank you for using SFChat. Chat was closed automatically: Talker left.';
const EXPIRED = 'Thank you for using SFChat. Current chat was successfully closed automatically.';

describe('absence', () => {
  const service = useFreshService();
  const client = () => service().client;
  const advance = (seconds: number) => service().clock.advance(seconds * SECOND);

  /** Polls again and again while so many seconds go by; gives the last answer. */
  const keepPolling = async (person: Person, seconds: number): Promise<Answer> => {
    const end = service().clock.now() + seconds * SECOND;
    for (;;) {
      const poll = client().hold(person);
      await service().held(1);
      const left = end - service().clock.now();
      await service().clock.advance(Math.min(45 * SECOND, left));
      if (left < 45 * SECOND) {
        poll.abort();
        await service().held(0);
        return client().receive(person);
      }
      await poll.answer;
    }
  };

  it('closes the chat when the talker has not been seen for 360 seconds, and tells both', async () => {
    const { creator, joiner } = await client().quietPair();
    expect((await keepPolling(creator, 359)).results).toMatchObject({ status: 'ready', count: 0 });
    const poll = client().hold(creator);
    await service().held(1);

    await advance(1);

    const answer = await poll.answer;
    expect(answer.results.status).toBe('closed');
    expect(textsIn(answer)).toEqual([ABSENT]);
    expect(eventsIn(answer)).toEqual(['absent']);
    expect(textsIn(await client().receive(joiner))).toEqual([ABSENT]);
    expect(await client().send(creator, 'Hello?')).toMatchObject({ status: 409 });
  });

  it('is found by a request that is not held, too', async () => {
    const { creator } = await client().quietPair();

    await advance(360);

    expect((await client().receive(creator)).results).toMatchObject({ status: 'closed' });
  });

  it('does not close the chat of a talker who holds a poll', async () => {
    const { creator, joiner } = await client().quietPair();
    for (let seconds = 0; seconds < 720; seconds += 45) {
      const polls = [client().hold(creator), client().hold(joiner)];
      await service().held(2);
      await advance(45);
      for (const { answer } of polls) {
        expect((await answer).results).toMatchObject({ status: 'ready', count: 0 });
      }
    }
  });

  it('is nobody’s because the time of the machine is set forward', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);
    service().clock.setForward(3600 * SECOND);
    await advance(45);
    for (const { answer } of polls) {
      expect((await answer).results).toMatchObject({ status: 'ready', count: 0 });
    }

    expect((await keepPolling(creator, 359)).results).toMatchObject({ status: 'ready' });
    await advance(360);
    expect((await client().receive(creator)).results).toMatchObject({ status: 'closed' });
  });

  it.each<[string, (person: Person) => Promise<Answer>]>([
    ['a message', (person) => client().send(person, 'Hi')],
    ['an acknowledgement', (person) => client().acknowledge(person, 'a'.repeat(24))],
    ['reading the inbox', (person) => client().receive(person)],
    ['reading the state', (person) => client().state(person)],
  ])('begins anew with %s', async (_name, request) => {
    const { creator, joiner } = await client().quietPair();
    await advance(359);
    await request(joiner);
    await advance(359);

    expect((await client().receive(creator)).results).toMatchObject({ status: 'ready' });

    await advance(1);
    expect((await client().receive(creator)).results).toMatchObject({ status: 'closed' });
  });

  it('begins when a client went away, not when its poll would have ended', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);
    poll.abort();
    await service().held(0);

    await advance(360);

    expect((await client().receive(creator)).results).toMatchObject({ status: 'closed' });
  });

  it('is nobody’s while nobody polls', async () => {
    const { creator, joiner } = await client().quietPair();

    await advance(3600);

    expect((await client().state(creator)).results).toMatchObject({ status: 'ready' });
    expect(eventsIn(await client().receive(joiner))).toEqual([]);
  });

  it('does not close a chat that waits for its joiner', async () => {
    const creator = await client().creator();
    await client().empty(creator);

    expect((await keepPolling(creator, 1000)).results).toMatchObject({ status: 'draft', count: 0 });
  });

  it('leaves undelivered messages readable', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'Are you there?');
    await advance(360);
    await client().receive(creator);

    expect(textsIn(await client().receive(joiner))).toEqual(['Are you there?', ABSENT]);
  });
});

describe('absence that is shorter than a hold', () => {
  const service = useFreshService({
    environment: { ABSENCE_CLOSE_AFTER: '60', LONG_POLLING_ITERATION: '60' },
  });

  it('is found in time by a poll that does not ask whether the talker is there', async () => {
    const { client, clock, held } = service();
    const { creator, joiner } = await client.quietPair();
    const left = client.hold(joiner);
    await held(1);
    const poll = client.hold(creator);
    await held(2);
    await clock.advance(30 * SECOND);
    left.abort();
    await held(1);
    await clock.advance(60 * SECOND - 1);
    await held(1);

    await clock.advance(1);

    expect(eventsIn(await poll.answer)).toEqual(['absent']);
  });
});

describe('the clock of absence', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-restart-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  it('restarts for everyone when the server starts', async () => {
    const clock = new ManualClock();
    const start = async () => {
      const store = await openChatStore({ dataDir });
      const service = await startService({ clock, adapt: () => ({ store }) });
      const close = async () => {
        await service.close();
        await store.disconnect();
      };
      return { client: service.client, close };
    };
    const before = await start();
    const { creator } = await before.client.quietPair();
    await before.close();
    await clock.advance(3600 * SECOND);
    const after = await start();

    try {
      await clock.advance(359 * SECOND);
      expect((await after.client.receive(creator)).results).toMatchObject({ status: 'ready' });
      await clock.advance(1 * SECOND);
      expect((await after.client.receive(creator)).results).toMatchObject({ status: 'closed' });
    } finally {
      await after.close();
    }
  });
});

describe('ABSENCE_CLOSE_AFTER, CHAT_LIFETIME and CLOSED_GRACE', () => {
  const service = useFreshService({
    environment: { ABSENCE_CLOSE_AFTER: '2.5', CHAT_LIFETIME: '20', CLOSED_GRACE: '1.5' },
  });

  it('are the seconds after which a chat is closed, over and gone', async () => {
    const { client, clock } = service();
    const { creator } = await client.quietPair();
    const draft = await client.creator();

    await clock.advance(2499);
    expect((await client.receive(creator)).results).toMatchObject({ status: 'ready' });
    await clock.advance(1);
    expect((await client.receive(creator)).results).toMatchObject({ status: 'closed' });
    await clock.advance(1500);
    expect(await client.receive(creator)).toMatchObject({ status: 401 });
    await clock.advance(16_000);
    expect((await client.receive(draft)).results).toMatchObject({ status: 'closed' });
  });
});

describe('the lifetime of a chat', () => {
  const service = useFreshService({ environment: { ABSENCE_CLOSE_AFTER: '86400' } });
  const client = () => service().client;
  const clock = () => service().clock;

  it('is 24 hours, and a chat works until then', async () => {
    const { results } = await client().create();
    const expires = Date.parse(results.expires);
    expect(expires - Date.parse(results.created)).toBe(LIFETIME);
    const joiner = await client().joiner(results);

    await clock().advance(expires - clock().now() - 1);

    expect(await client().send(joiner, 'Just in time')).toMatchObject({ status: 202 });
    expect((await client().receive(results)).results).toMatchObject({ status: 'ready' });
  });

  it('ends with one message in each inbox, and undelivered messages are gone', async () => {
    const { creator, joiner } = await client().pair();
    await client().send(creator, 'one', 'two');

    await clock().advance(LIFETIME);

    for (const person of [joiner, creator]) {
      const inbox = await client().receive(person);
      expect(inbox.results).toMatchObject({ status: 'closed', count: 1 });
      expect(inbox.results.messages).toMatchObject([
        { msg: EXPIRED, system: true, event: 'expired' },
      ]);
    }
  });

  it('ends for whoever comes first, with every kind of request', async () => {
    const { creator } = await client().pair();
    const drafts = [];
    for (let index = 0; index < 5; index += 1) drafts.push(await client().creator());
    const [first, second, third, fourth, fifth] = drafts as [
      Person,
      Person,
      Person,
      Person,
      Person,
    ];
    await client().hold(fifth).answer;

    await clock().advance(LIFETIME);

    expect(await client().send(creator, 'Hello?')).toMatchObject({ status: 409 });
    expect((await client().state(first)).results).toMatchObject({ status: 'closed' });
    expect(await client().join(second.chatToken)).toMatchObject({ status: 410 });
    expect(await client().close(third)).toMatchObject({ status: 202 });
    expect(eventsIn(await client().receive(third))).toEqual(['expired']);
    expect(await client().acknowledge(fourth, 'a'.repeat(24))).toMatchObject({ status: 202 });
    expect(eventsIn(await client().receive(fourth))).toEqual(['expired']);
    expect((await client().hold(fifth).answer).results).toMatchObject({ status: 'closed' });
  });

  it('ends held polls at that moment', async () => {
    const { creator, joiner } = await client().quietPair();
    await clock().advance(LIFETIME - 10 * SECOND);
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);

    await clock().advance(10 * SECOND - 1);
    await service().held(2);
    await clock().advance(1);

    for (const { answer } of polls) expect(eventsIn(await answer)).toEqual(['expired']);
  });

  it('ends a closed chat, too: nothing undelivered outlives it', async () => {
    const { creator, joiner } = await client().quietPair();
    await clock().advance(LIFETIME - SECOND);
    await client().send(creator, 'one');
    await client().close(creator);

    await clock().advance(SECOND);

    expect(eventsIn(await client().receive(joiner))).toEqual(['expired']);
  });

  it('leaves nobody in after the grace period, though no worker has run', async () => {
    const { creator, joiner } = await client().pair();
    const draft = await client().creator();
    await clock().advance(LIFETIME + GRACE - 1);
    for (const person of [creator, joiner, draft]) {
      expect(await client().receive(person)).toMatchObject({ status: 200 });
    }

    await clock().advance(1);

    for (const person of [creator, joiner, draft]) {
      expect(await client().receive(person)).toMatchObject({ status: 401 });
      expect(await client().state(person)).toMatchObject({ status: 401 });
      expect(await client().send(person, 'Hello?')).toMatchObject({ status: 401 });
      expect(await client().close(person)).toMatchObject({ status: 401 });
      expect(await client().join(person.chatToken)).toMatchObject({ status: 410 });
      const broken = { person, body: '{', type: 'application/json' };
      expect(await client().call('POST', 'messages.json', broken)).toMatchObject({ status: 401 });
    }
  });

  it('lets a chat go at once whose expiry both have read', async () => {
    const { creator, joiner } = await client().pair();
    await clock().advance(LIFETIME);

    await client().empty(creator);
    await client().empty(joiner);

    expect(await client().state(creator)).toMatchObject({ status: 401 });
    expect(await service().backend.store.find(creator.chatToken)).toBeNull();
  });
});

describe('the grace period of a closed chat', () => {
  const service = useFreshService();
  const client = () => service().client;

  it('lets the last readers in for 600 seconds, though no worker has run', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'Good bye');
    await client().close(creator);

    await service().clock.advance(GRACE - 1);
    expect(textsIn(await client().receive(joiner))).toHaveLength(2);
    expect(await client().join(creator.chatToken)).toMatchObject({ status: 410 });
    await service().clock.advance(1);

    for (const person of [creator, joiner]) {
      expect(await client().receive(person)).toMatchObject({ status: 401 });
      expect(await client().hold(person).answer).toMatchObject({ status: 401 });
      expect(await client().state(person)).toMatchObject({ status: 401 });
      expect(await client().send(person, 'Hello?')).toMatchObject({ status: 401 });
      expect(await client().acknowledge(person, 'a'.repeat(24))).toMatchObject({ status: 401 });
      expect(await client().close(person)).toMatchObject({ status: 401 });
    }
    expect(await client().join(creator.chatToken)).toMatchObject({ status: 410 });
  });

  it('does not begin anew when the chat is closed again', async () => {
    const { creator } = await client().quietPair();
    await client().close(creator);
    await service().clock.advance(GRACE / 2);
    await client().close(creator);

    await service().clock.advance(GRACE / 2);

    expect(await client().receive(creator)).toMatchObject({ status: 401 });
  });
});
