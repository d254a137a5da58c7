import { setImmediate } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.ts';
import { captureLog } from '../../support/captured-log.ts';
import { startService, useFreshService, type TestService } from '../../support/test-service.ts';
import { StorageUnavailable } from '../../../src/chat/failures.ts';
import { keyIn, keyOf, newToken, userIdOf } from '../../../src/chat/chat.ts';
import { CHAT_ENDS, wakeBoth } from '../../../src/chat/life-cycle.ts';
import { ANYTHING } from '../../../src/chat/wake-bus.ts';
import {
  authentication,
  creatorId,
  GradAgendaClient,
  gradagenda,
  joinerId,
  sending,
} from './support.ts';

const ended = (client: GradAgendaClient) =>
  client.actions.filter(({ status }) => status === 'deleted');

describe('GradAgenda: the end of a chat', () => {
  const service = useFreshService({ environment: gradagenda });

  const enterBoth = async () => {
    const { creator, joiner } = await service().client.quietPair();
    return {
      creator,
      joiner,
      one: await GradAgendaClient.enter(service(), creator, 1),
      two: await GradAgendaClient.enter(service(), joiner, 2),
    };
  };

  it('comes by deleting the session, and ends both connections', async () => {
    const { creator, one, two } = await enterBoth();

    const answer = await one.ask({
      type: 'request-mutable-session-deletion',
      'session-id': creator.chatToken,
    });
    const closes = [await one.closed, await two.closed];

    const over = { code: 1000, reason: 'the chat is over' };
    expect(closes).toEqual([over, over]);
    expect(answer).toMatchObject({
      type: 'providing-session-info',
      'session-id': creator.chatToken,
      'session-type': 'mutable',
      status: 'deleted',
      'user-id': [creatorId(creator), joinerId(creator)],
    });
    expect(ended(one)).toEqual([answer]);
    expect(ended(two)).toMatchObject([{ 'user-id': [creatorId(creator), joinerId(creator)] }]);
    expect(ended(two)[0]).not.toHaveProperty('cdid');
    expect(two.textsFrom('sfchat.system')).toEqual([
      'Thank you for using SFChat. Chat was successfully closed by Talker.',
    ]);
  });

  it('comes over chat.json, too', async () => {
    const { creator, one, two } = await enterBoth();

    await service().client.close(creator);

    expect([(await one.closed).code, (await two.closed).code]).toEqual([1000, 1000]);
    expect([ended(one).length, ended(two).length]).toEqual([1, 1]);
  });

  it('brings what was undelivered first, and its proof counts', async () => {
    const { creator, joiner } = await service().client.quietPair();
    await service().client.send(creator, 'last words');
    await service().client.close(creator);

    const two = await GradAgendaClient.enter(service(), joiner, 2);
    await two.closed;

    expect(two.textsFrom(creatorId(creator))).toEqual(['last words']);
    expect(ended(two)).toHaveLength(1);
    await service().client.empty(creator);
    await eventually(
      async () => (await service().client.state(joiner)).status === 401,
      'the server has removed a chat that nobody has anything to read in',
    );
  });

  it('comes when the talker is absent', async () => {
    const { creator, one, two } = await enterBoth();
    two.socket.terminate();
    await eventually(async () => {
      await service().clock.advance(1000);
      return !(await service().client.state(creator)).results.talker.present;
    });

    for (let passed = 0; passed <= 360_000; passed += 20_000) {
      await service().clock.advance(20_000);
      if (one.socket.readyState === 1) await one.settled().catch(() => undefined);
    }

    expect((await one.closed).code).toBe(1000);
    expect(one.actions.find(({ event }) => event === 'absent')).toBeDefined();
  });

  it('is told to who comes afterwards', async () => {
    const { creator } = await service().client.quietPair();
    await service().client.close(creator);
    await service().client.empty(creator);

    const one = await GradAgendaClient.enter(service(), creator, 1);

    expect((await one.closed).code).toBe(1000);
    expect(ended(one)).toHaveLength(1);
  });
});

describe('GradAgenda: a chat whose end is known before it is answered', () => {
  const service = useFreshService({
    environment: gradagenda,
    adapt: ({ store, wakeBus }) => {
      const close = store.close.bind(store);
      store.close = async (step) => {
        const chat = await close(step);
        if (chat !== null) wakeBus.wake(keyIn(chat, chat.creator), ANYTHING);
        // Long enough for a receiver in the same process to look.
        for (let turn = 0; turn < 20; turn += 1) await setImmediate();
        return chat;
      };
      return {};
    },
  });

  it('ends the connection after the answer', async () => {
    const { creator } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);

    one.say({
      cdid: 'c',
      type: 'request-mutable-session-deletion',
      'session-id': creator.chatToken,
    });
    await one.closed;

    expect(ended(one)).toMatchObject([{ cdid: 'c' }]);
  });
});

describe('GradAgenda: the end of a lifetime', () => {
  const service = useFreshService({ environment: { ...gradagenda, CHAT_LIFETIME: '20' } });

  it('ends both connections, whether or not a worker runs', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const clients = [
      await GradAgendaClient.enter(service(), creator, 1),
      await GradAgendaClient.enter(service(), joiner, 2),
    ];
    await Promise.all(clients.map((client) => client.settled()));

    await service().clock.advance(20_000);

    for (const client of clients) {
      expect((await client.closed).code).toBe(1000);
      expect(client.actions.map(({ event, status }) => event ?? status)).toEqual([
        'expired',
        'deleted',
      ]);
    }
  });

  it('ends a connection whose chat an operator has removed', async () => {
    const creator = await service().client.creator();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    await one.find(({ status }) => status === 'created');
    const { store, wakeBus } = service().backend;

    const removed = await store.remove(creator.chatToken, service().clock.now());
    wakeBoth(wakeBus, removed!, CHAT_ENDS);

    expect((await one.closed).code).toBe(1000);
    expect(ended(one)).toHaveLength(1);
  });
});

describe('GradAgenda: one receiver per participant', () => {
  const service = useFreshService({ environment: gradagenda });
  const superseded = { code: 1008, reason: 'superseded' };

  it('ends the older connection when a newer one authenticates', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await GradAgendaClient.enter(service(), joiner, 2);
    const newer = await GradAgendaClient.enter(service(), joiner, 2);

    expect(await older.closed).toEqual(superseded);
    await service().client.send(creator, 'to the newer');
    await newer.text('to the newer');
  });

  it('ends the older connection when a long poll begins', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await GradAgendaClient.enter(service(), joiner, 2);
    const poll = service().client.hold(joiner);

    expect(await older.closed).toEqual(superseded);
    await service().client.send(creator, 'to the poll');
    expect((await poll.answer).results.messages).toMatchObject([{ msg: 'to the poll' }]);
  });

  it('ends an older long poll', async () => {
    const { joiner } = await service().client.quietPair();
    const poll = service().client.hold(joiner);
    await service().held(1);

    await GradAgendaClient.enter(service(), joiner, 2);

    expect(await poll.answer).toMatchObject({
      status: 409,
      results: { msg: 'Conflict: superseded' },
    });
  });

  it('brings to the newer what the older has not proven', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await GradAgendaClient.enter(service(), joiner, 2, { autoPong: false });
    await service().client.send(creator, 'twice');
    await older.text('twice');

    const newer = await GradAgendaClient.enter(service(), joiner, 2);

    expect(await newer.text('twice')).toEqual(await older.text('twice'));
  });

  it('takes three connections while one replaces another, and no fourth', async () => {
    const { joiner } = await service().client.quietPair();
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => GradAgendaClient.connect(service())),
    );
    // In one go, so that none has ended before the last comes.
    const answers = await Promise.all(
      clients.map((client) => client.ask(authentication(joiner, 2))),
    );

    const refused = answers.filter(({ status }) => status === 'failed');
    expect(refused.length).toBeLessThanOrEqual(1);
    for (const { message } of refused) expect(message).toBe('Too Many Requests: try again in 1 s');
    await eventually(
      () => clients.filter(({ socket }) => socket.readyState === 1).length === 1 + refused.length,
      'one is left',
    );
  });

  it('leaves the other participant alone', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const older = await GradAgendaClient.enter(service(), joiner, 2);
    await GradAgendaClient.enter(service(), joiner, 2);
    await older.closed;

    await one.settled();
    expect(one.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('talks with somebody on the page', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const poll = service().client.hold(joiner);
    await service().client.send(joiner, 'from the page');
    await one.text('from the page');
    await one.send(creator, 'from the socket');

    expect((await poll.answer).results.messages).toMatchObject([{ msg: 'from the socket' }]);
    expect(one.textsFrom(joinerId(creator))).toEqual(['from the page']);
  });
});

describe('GradAgenda: a server that stops', () => {
  it('tells every connection to come back, and takes no new one', async () => {
    const service = await startService({ environment: gradagenda });
    const { creator } = await service.client.quietPair();
    const one = await GradAgendaClient.enter(service, creator, 1);
    const stranger = await GradAgendaClient.connect(service);

    await service.close();

    expect([(await one.closed).code, (await stranger.closed).code]).toEqual([1012, 1012]);
  });

  it('does not wait for a client that does not close its side', async () => {
    const service = await startService({ environment: gradagenda });
    const { creator } = await service.client.quietPair();
    const one = await GradAgendaClient.enter(service, creator, 1);
    (one.socket as unknown as { _socket: { pause(): void } })._socket.pause();

    const closed = service.close();
    await service.clock.advance(10_000);

    await expect(closed).resolves.toBeUndefined();
    one.socket.terminate();
  });
});

describe('GradAgenda: a storage that is away', () => {
  let service: TestService;
  let isAway = false;
  const log = captureLog();

  beforeEach(async () => {
    isAway = false;
    service = await startService({
      environment: gradagenda,
      logger: log.logger,
      adapt: ({ store }) => {
        const send = store.send.bind(store);
        const read = store.readInbox.bind(store);
        const acknowledge = store.acknowledge.bind(store);
        const away = () => Promise.reject(new StorageUnavailable(new Error('the disk is full')));
        store.send = (sent) => (isAway ? away() : send(sent));
        store.acknowledge = (ids) => (isAway ? away() : acknowledge(ids));
        store.readInbox = (caller) => (isAway ? away() : read(caller));
        return {};
      },
    });
  });
  afterEach(() => service.close());

  it('fails the action, and the next one may succeed', async () => {
    const { creator, joiner } = await service.client.quietPair();
    const one = await GradAgendaClient.enter(service, creator, 1);
    isAway = true;

    const answer = await one.send(creator, 'lost?', 'kept');
    isAway = false;
    const retried = await one.send(creator, 'lost?', 'kept');

    expect(answer).toMatchObject({
      status: 'failed',
      message: 'Service Unavailable: try again in 2 s',
    });
    expect(retried).toMatchObject({ type: 'message-broadcast' });
    expect((await service.client.receive(joiner)).results.messages).toHaveLength(1);
  });

  it('acts on a proof of arrival when it is back', async () => {
    const { creator, joiner } = await service.client.quietPair();
    const two = await GradAgendaClient.enter(service, joiner, 2, { autoPong: false });
    await service.client.send(creator, 'arrived');
    await two.text('arrived');

    isAway = true;
    two.socket.pong('1');
    await two.settled();
    isAway = false;
    const kept = await service.client.receive(joiner);
    await service.clock.advance(25_000);
    two.socket.pong('2');

    expect(kept.results.count).toBe(1);
    await eventually(async () => (await service.client.receive(joiner)).results.count === 0);
  });

  it('tells a receiver to come back', async () => {
    const { joiner } = await service.client.quietPair();
    const two = await GradAgendaClient.enter(service, joiner, 2);
    isAway = true;

    service.backend.wakeBus.wake(
      keyOf({ chatToken: joiner.chatToken, userId: userIdOf(joiner.userToken) }),
      ANYTHING,
    );

    expect((await two.closed).code).toBe(1013);
  });
});

describe('GradAgenda: the log', () => {
  it('has no token, no text and no address', async () => {
    const log = captureLog();
    const service = await startService({ environment: gradagenda, logger: log.logger });
    const { creator, joiner } = await service.client.pair();
    const one = await GradAgendaClient.enter(service, creator, 1);
    const two = await GradAgendaClient.enter(service, joiner, 2);
    const guess = newToken();
    const text = 'the text nobody else may read';
    await one.send(creator, text, 'secret-cdid');
    await two.text(text);
    await one.send(creator, `${text}\0`);
    one.say({ cdid: 'secret-cdid', type: text, token: guess });
    one.say({ cdid: 'c', ...authentication(creator, 1) });
    await one.settled();
    one.say(`{"${text}`);
    await one.closed;
    const stranger = await GradAgendaClient.connect(service);
    await stranger.ask({ ...authentication(creator, 1), token: guess });
    stranger.socket.terminate();
    two.say({
      cdid: 'c',
      type: 'request-mutable-session-deletion',
      'session-id': creator.chatToken,
    });
    await two.closed;
    await service.client.raw('GET', `/ws/gradagenda?token=${guess}`);
    await service.close();

    const lines = log.lines().join('\n');
    expect(log.lines().length).toBeGreaterThan(2);
    expect(lines).not.toMatch(/[0-9a-f]{24}/);
    for (const secret of [text, 'nobody else', 'secret-cdid', '127.0.0.1', '00:00:5E'])
      expect(lines).not.toContain(secret);
  });

  it('keeps an unexpected failure inside the server', async () => {
    const log = captureLog();
    const service = await startService({
      environment: gradagenda,
      logger: log.logger,
      adapt: ({ store }) => {
        store.send = () => Promise.reject(new TypeError('unexpected'));
        return {};
      },
    });
    const { creator } = await service.client.quietPair();
    const one = await GradAgendaClient.enter(service, creator, 1);

    const answer = await one.ask(sending(creator.chatToken, 'secret text'));
    await service.close();

    expect(answer).toMatchObject({ status: 'failed', message: 'Internal Server Error' });
    expect(log.lines().join('\n')).toContain('TypeError');
    expect(log.lines().join('\n')).not.toContain('secret text');
  });
});
