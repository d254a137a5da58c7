import { newToken } from '../../src/chat/chat.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { draftChat, noticesOf, creationOf } from '../support/chats.ts';
import { eventually } from '../support/eventually.ts';
import { textsIn, type Answer, type Person } from '../support/test-client.ts';
import { useFreshService, type TestService } from '../support/test-service.ts';

/** A refusal for now: it says when to come again, and gives nothing else away. */
function expectRefusal(answer: Answer, code: 429 | 503, mostSeconds: number): void {
  expect(answer.status).toBe(code);
  expect(answer.results).toEqual({
    code,
    msg: code === 429 ? 'Too Many Requests' : 'Service Unavailable',
  });
  const wait = answer.headers['retry-after'] ?? '';
  expect(wait).toMatch(/^[1-9]\d*$/);
  expect(Number(wait)).toBeLessThanOrEqual(mostSeconds);
}

const from = (address: string) => ({ 'X-Forwarded-For': address });
const createFrom = ({ client }: TestService, address: string) =>
  client.call('POST', 'chat.json', { headers: from(address) });

describe('the limit of chats created', () => {
  const service = useFreshService({ environment: { LIMIT_CHATS_CREATED: '2', TRUST_PROXY: '1' } });

  it('refuses one more from an address, and creates nothing', async () => {
    await createFrom(service(), '192.0.2.1');
    await createFrom(service(), '192.0.2.1');

    expectRefusal(await createFrom(service(), '192.0.2.1'), 429, 3600);

    expect(await service().backend.store.countByStatus()).toMatchObject({ draft: 2 });
  });

  it('is each address’s own', async () => {
    for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2', '2001:db8::1']) {
      expect(await createFrom(service(), address)).toMatchObject({ status: 201 });
    }
    expect(await createFrom(service(), '192.0.2.1')).toMatchObject({ status: 429 });
    expect(await createFrom(service(), '192.0.2.2')).toMatchObject({ status: 201 });
  });

  it('is shared by a /56 of IPv6, in which one household chooses its addresses', async () => {
    await createFrom(service(), '2001:db8:1:ff00::1');
    await createFrom(service(), '2001:db8:1:ffff:ffff:ffff:ffff:ffff');

    expect(await createFrom(service(), '2001:0DB8:1:ff42::7')).toMatchObject({ status: 429 });
    expect(await createFrom(service(), '2001:db8:1:fe00::1')).toMatchObject({ status: 201 });
  });

  it('knows an IPv4 address in IPv6 form', async () => {
    await createFrom(service(), '192.0.2.1');
    await createFrom(service(), '::ffff:192.0.2.1');

    expect(await createFrom(service(), '192.0.2.1')).toMatchObject({ status: 429 });
    expect(await createFrom(service(), '::ffff:192.0.2.2')).toMatchObject({ status: 201 });
  });

  it('takes nothing away from those who are in a chat', async () => {
    const { client } = service();
    const creator = await client.creator();
    await client.creator();
    expect(await client.create()).toMatchObject({ status: 429 });

    const joiner = await client.joiner(creator);
    expect(await client.send(joiner, 'Hi')).toMatchObject({ status: 202 });
    expect(await client.receive(creator)).toMatchObject({ status: 200 });
    expect(await client.close(creator)).toMatchObject({ status: 202 });
  });
});

describe('TRUST_PROXY', () => {
  const untrusting = useFreshService({ environment: { LIMIT_CHATS_CREATED: '1' } });
  const oneHop = useFreshService({
    environment: { LIMIT_CHATS_CREATED: '1', TRUST_PROXY: '1' },
  });
  const ranges = useFreshService({
    environment: { LIMIT_CHATS_CREATED: '1', TRUST_PROXY: 'loopback, 10.0.0.0/8' },
  });

  it('is not given: nobody chooses their own address', async () => {
    expect(await createFrom(untrusting(), '192.0.2.1')).toMatchObject({ status: 201 });
    expect(await createFrom(untrusting(), '192.0.2.2')).toMatchObject({ status: 429 });
  });

  it('is a hop count: what a client wrote before our proxy counts for nothing', async () => {
    expect(await createFrom(oneHop(), '198.51.100.1, 192.0.2.1')).toMatchObject({ status: 201 });
    expect(await createFrom(oneHop(), '198.51.100.2, 192.0.2.1')).toMatchObject({ status: 429 });
  });

  it('is ranges: the first address that is none of our proxies counts', async () => {
    const first = await createFrom(ranges(), '198.51.100.1, 192.0.2.1, 10.1.2.3');
    const second = await createFrom(ranges(), '198.51.100.2, 192.0.2.1, 10.9.9.9');
    const third = await createFrom(ranges(), '192.0.2.2');

    expect([first, second, third].map(({ status }) => status)).toEqual([201, 429, 201]);
  });
});

describe('the limit of failed joins', () => {
  const service = useFreshService({ environment: { LIMIT_FAILED_JOINS: '3', TRUST_PROXY: '1' } });
  const joinFrom = (address: string, code: string) => service().client.join(code, from(address));

  it('tells somebody who guesses codes nothing more about them', async () => {
    const used = (await service().client.pair()).creator.chatToken;
    for (let guess = 0; guess < 3; guess += 1) {
      expect(await joinFrom('192.0.2.1', newToken())).toMatchObject({ status: 404 });
    }

    expectRefusal(await joinFrom('192.0.2.1', newToken()), 429, 600);
    expectRefusal(await joinFrom('192.0.2.1', used), 429, 600);

    expect(await joinFrom('192.0.2.2', newToken())).toMatchObject({ status: 404 });
  });

  it('refuses no neighbour who has a valid code', async () => {
    const { chatToken } = await service().client.creator();
    for (let guess = 0; guess < 10; guess += 1) await joinFrom('192.0.2.1', newToken());

    expect(await joinFrom('192.0.2.1', chatToken)).toMatchObject({ status: 200 });
  });

  it('counts used and malformed codes, too', async () => {
    const { creator } = await service().client.pair();
    expect(await joinFrom('192.0.2.1', creator.chatToken)).toMatchObject({ status: 410 });
    expect(await joinFrom('192.0.2.1', 'x')).toMatchObject({ status: 404 });
    expect(await joinFrom('192.0.2.1', creator.chatToken)).toMatchObject({ status: 410 });

    expect(await joinFrom('192.0.2.1', 'x')).toMatchObject({ status: 429 });
  });

  it('does not count joins that succeed', async () => {
    for (let index = 0; index < 5; index += 1) await service().client.pair();

    expect(await service().client.join(newToken())).toMatchObject({ status: 404 });
  });
});

describe('the limit of failed authentications', () => {
  const service = useFreshService({ environment: { LIMIT_FAILED_AUTHENTICATIONS: '2' } });

  it('refuses a stranger, but never whom the tokens name', async () => {
    const { client } = service();
    const { creator, joiner } = await client.quietPair();
    const stranger = { chatToken: creator.chatToken, userToken: newToken() };
    expect(await client.state(stranger)).toMatchObject({ status: 401 });
    expect(await client.receive(stranger)).toMatchObject({ status: 401 });

    const refused = await client.send(stranger, 'Hi');

    expectRefusal(refused, 429, 600);
    expect(refused.headers).not.toHaveProperty('www-authenticate');
    expect(await client.send(creator, 'Hi')).toMatchObject({ status: 202 });
    expect(await client.state(joiner)).toMatchObject({ status: 200 });
  });
});

describe('the limit of messages', () => {
  const service = useFreshService({ environment: { LIMIT_MESSAGES: '5' } });
  const client = () => service().client;

  it('refuses what is too much for a minute, and stores nothing of it', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one', 'two', 'three', 'four');

    expectRefusal(await client().send(creator, 'five', 'six'), 429, 60);

    expect(textsIn(await client().receive(joiner))).toEqual(['one', 'two', 'three', 'four']);
  });

  it('is each participant’s own, and takes nothing away from anything else', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one', 'two', 'three', 'four', 'five');
    expect(await client().send(creator, 'six')).toMatchObject({ status: 429 });

    expect(await client().send(joiner, 'one')).toMatchObject({ status: 202 });
    expect(textsIn(await client().hold(creator).answer)).toEqual(['one']);
    expect(await client().acknowledge(creator, newToken())).toMatchObject({ status: 202 });
    expect(await client().state(creator)).toMatchObject({ status: 200 });
    expect(await client().create()).toMatchObject({ status: 201 });
    expect(await client().close(creator)).toMatchObject({ status: 202 });
  });
});

describe('the limit of reading', () => {
  const service = useFreshService({ environment: { LIMIT_READ: '4000' } });
  const text = 'x'.repeat(140);

  it('refuses whoever reads the same messages over and over, and nobody else', async () => {
    const { client } = service();
    const { creator, joiner } = await client.quietPair();
    for (let times = 0; times < 5; times += 1) await client.send(joiner, text, text);

    const read = () => client.receive(creator);
    for (let times = 0; times < 3; times += 1) {
      const answer = await read();
      if (answer.status === 429) break;
      expect(answer).toMatchObject({ status: 200, results: { count: 10 } });
    }

    expectRefusal(await read(), 429, 60);
    expectRefusal(await client.hold(creator).answer, 429, 60);
    expect(await client.receive(joiner)).toMatchObject({ status: 200 });

    await service().clock.advance(60_000);
    expect(await read()).toMatchObject({ status: 200, results: { count: 10 } });
  });

  it('keeps nobody from acknowledging, sending and closing', async () => {
    const { client } = service();
    const { creator, joiner } = await client.quietPair();
    await client.send(joiner, { msg: text, _id: 'a'.repeat(24) });
    let answer = await client.receive(creator);
    while (answer.status === 200) answer = await client.receive(creator);

    expect(await client.acknowledge(creator, 'a'.repeat(24))).toMatchObject({ status: 202 });
    expect(await client.send(creator, 'Hi')).toMatchObject({ status: 202 });
    expect(await client.close(creator)).toMatchObject({ status: 202 });
  });
});

describe('the limits of held polls', () => {
  const perAddress = useFreshService({
    environment: { LIMIT_HELD_POLLS_PER_ADDRESS: '2', TRUST_PROXY: '1' },
  });
  const inAll = useFreshService({ environment: { LIMIT_HELD_POLLS: '2', TRUST_PROXY: '1' } });

  it('refuse one more from an address, until one of them ends', async () => {
    const { client, held } = perAddress();
    const { creator, joiner } = await client.quietPair();
    const other = await client.quietPair();
    const home = from('192.0.2.1');
    const poll = client.hold(creator, '', home);
    client.hold(joiner, '', home);
    await held(2);

    expectRefusal(await client.hold(other.creator, '', home).answer, 429, 60);
    client.hold(other.joiner, '', from('192.0.2.2'));
    await held(3);

    poll.abort();
    await held(2);
    client.hold(other.creator, '', home);
    await held(3);
  });

  it('refuse one more in all as a matter of room', async () => {
    const { client, held } = inAll();
    const { creator, joiner } = await client.quietPair();
    const other = await client.quietPair();
    const poll = client.hold(creator, '', from('192.0.2.1'));
    client.hold(joiner, '', from('192.0.2.2'));
    await held(2);

    expectRefusal(await client.hold(other.creator, '', from('192.0.2.3')).answer, 503, 60);

    await client.send(joiner, 'Hi');
    await poll.answer;
    client.hold(other.creator, '', from('192.0.2.3'));
    await held(2);
  });

  it('refuse nobody who has news', async () => {
    const { client, held } = inAll();
    const { creator, joiner } = await client.quietPair();
    const other = await client.quietPair();
    client.hold(creator);
    client.hold(joiner);
    await held(2);

    await client.send(other.joiner, 'Hi');
    expect(textsIn(await client.hold(other.creator).answer)).toEqual(['Hi']);
    expect(await client.hold(other.joiner, '?waiting=0').answer).toMatchObject({
      status: 200,
      results: { waiting: 1 },
    });
    expectRefusal(await client.hold(other.joiner, '?waiting=1').answer, 503, 60);

    await client.close(other.creator);
    expect(await client.hold(other.joiner).answer).toMatchObject({ status: 200 });
  });

  it('take nothing away from requests that are not held', async () => {
    const { client, held } = inAll();
    const { creator, joiner } = await client.quietPair();
    const other = await client.quietPair();
    client.hold(creator);
    client.hold(joiner);
    await held(2);

    expect(await client.receive(other.creator)).toMatchObject({ status: 200 });
    expect(await client.send(other.creator, 'Hi')).toMatchObject({ status: 202 });
  });

  it('count a poll no longer that was superseded, refused or answered at once', async () => {
    const { client, held } = inAll();
    const { creator, joiner } = await client.quietPair();
    for (let times = 0; times < 5; times += 1) {
      await client.hold({ chatToken: creator.chatToken, userToken: newToken() }).answer;
      const older = client.hold(creator);
      await held(1);
      const newer = client.hold(creator);
      expect(await older.answer).toMatchObject({ status: 409 });
      await client.send(joiner, 'Hi');
      expect(await newer.answer).toMatchObject({ status: 200 });
      await client.empty(creator);
    }
    await held(0);
  });
});

describe('the limit of live chats', () => {
  const service = useFreshService({ environment: { LIMIT_LIVE_CHATS: '2' } });

  it('refuses one more as a matter of room, and creates nothing, until there is room', async () => {
    const { client, backend } = service();
    const { store } = backend;
    const chats = [draftChat(), draftChat()];
    for (const chat of chats) await store.create(creationOf(chat));

    expectRefusal(await client.create(), 503, 60);

    expect(await store.countByStatus()).toMatchObject({ draft: 2 });
    await store.close({ chatToken: chats[0]!.token, at: 0, notices: noticesOf('closed') });
    expect(await client.create()).toMatchObject({ status: 201 });
  });
});

describe('the limit of live chats, when many create at once', () => {
  const service = useFreshService({ environment: { LIMIT_LIVE_CHATS: '10' } });

  it('lets in as many as there may be, exactly', async () => {
    const { client, backend } = service();
    for (let times = 0; times < 9; times += 1) await client.creator();

    const answers = await Promise.all(Array.from({ length: 20 }, () => client.create()));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(19);
    expect(await backend.store.countByStatus()).toMatchObject({ draft: 10 });
  });

  it('keeps no place for a create that was refused', async () => {
    const { client } = service();
    const { chatToken } = await client.creator();
    for (let times = 0; times < 8; times += 1) await client.creator();
    for (let times = 0; times < 3; times += 1) {
      expect(await client.create({ chatToken })).toMatchObject({ status: 409 });
    }

    expect(await client.create()).toMatchObject({ status: 201 });
    expectRefusal(await client.create(), 503, 60);
  });
});

describe('the limit of stored bytes', () => {
  let stored = 0;
  const service = useFreshService({
    environment: { LIMIT_STORED_MEGABYTES: '1' },
    adapt: ({ store }) => {
      store.storedBytes = () => Promise.resolve(stored);
      return {};
    },
  });
  afterEach(() => (stored = 0));

  it('refuses to store more as a matter of room, and goes on when there is room again', async () => {
    const { client, clock } = service();
    const { creator, joiner } = await client.quietPair();
    await client.send(creator, { msg: 'before', _id: 'a'.repeat(24) });
    stored = 1_000_000;
    await clock.advance(1000);
    await client.send(joiner, 'it is asked beside this one');

    expectRefusal(await client.send(creator, 'no'), 503, 60);
    expect(textsIn(await client.receive(joiner))).toEqual(['before']);
    expect(await client.acknowledge(joiner, 'a'.repeat(24))).toMatchObject({ status: 202 });

    stored = 0;
    await clock.advance(1000);
    await client.send(joiner, 'it is asked beside this one');
    expect(await client.send(creator, 'yes')).toMatchObject({ status: 202 });
  });

  it('adds what is sent until the store is asked again', async () => {
    const { client } = service();
    const { creator, joiner } = await client.pair({ encrypted: true });
    stored = 999_000;
    await service().clock.advance(1000);
    await client.send(creator, 'sfc1.m.0');

    expect(await client.send(creator, 'x'.repeat(1000))).toMatchObject({ status: 202 });
    expectRefusal(await client.send(joiner, 'x'), 503, 60);
  });
});

describe('a draft that is left alone while as many chats are alive as may be', () => {
  const service = useFreshService({ environment: { LIMIT_LIVE_CHATS: '2' } });
  const client = () => service().client;
  const MINUTE = 60_000;
  const statusOf = async (person: Person) => (await client().state(person)).status;

  it('gives way to a new chat after ten minutes, the one left longest first', async () => {
    await service().clock.advance(10 * MINUTE);
    const longest = await client().creator();
    await service().clock.advance(1000);
    const shorter = await client().creator();
    await service().clock.advance(10 * MINUTE - 1001);
    expectRefusal(await client().create(), 503, 60);
    await service().clock.advance(1);

    await eventually(async () => (await client().create()).status === 201);

    expect(await statusOf(longest)).toBe(401);
    expect(await statusOf(shorter)).toBe(200);
    expect(await client().join(longest.chatToken)).toMatchObject({ status: 410 });
  });

  it('stays when it is the time of the machine that was set forward', async () => {
    const [one, other] = [await client().creator(), await client().creator()];
    service().clock.setForward(60 * MINUTE);

    expectRefusal(await client().create(), 503, 60);
    expect([await statusOf(one), await statusOf(other)]).toEqual([200, 200]);
    await service().clock.advance(10 * MINUTE + 1000);
    await eventually(async () => (await client().create()).status === 201);
  });

  it('stays when the create is refused, or asks for a chat that is there', async () => {
    const old = { chatToken: newToken(), userToken: newToken() };
    const ask = (person: Person) => client().call('POST', 'chat.json', { person });
    expect((await ask(old)).status).toBe(201);
    const other = await client().creator();
    await service().clock.advance(20 * MINUTE);
    const { chatToken, userToken } = old;

    expect((await ask({ chatToken: newToken(), userToken: 'x' })).status).toBe(400);
    expect((await ask({ chatToken, userToken: chatToken })).status).toBe(400);
    expect((await ask({ chatToken, userToken: newToken() })).status).toBe(409);
    expect(await ask({ chatToken, userToken })).toMatchObject({
      status: 201,
      results: { status: 'draft' },
    });

    expect([await statusOf(old), await statusOf(other)]).toEqual([200, 200]);
  });

  it('stays when its creator is there, however old it is', async () => {
    const creator = await client().creator();
    await client().empty(creator);
    const { creator: talking } = await client().pair();
    for (let times = 0; times < 15; times += 1) {
      client().hold(creator);
      await service().held(1);
      await service().clock.advance(MINUTE);
      await service().held(0);
    }

    expectRefusal(await client().create(), 503, 60);

    expect([await statusOf(creator), await statusOf(talking)]).toEqual([200, 200]);
  });

  it('stays for ten minutes after the server has started, since nobody knows who was there', async () => {
    const { store } = service().backend;
    const old = service().clock.now() - 60 * MINUTE;
    const drafts = [draftChat({ created: old }), draftChat({ created: old })];
    for (const draft of drafts) await store.create(creationOf(draft));

    await service().clock.advance(10 * MINUTE - 1);
    expectRefusal(await client().create(), 503, 60);
    await service().clock.advance(1);

    await eventually(async () => (await client().create()).status === 201);
  });
});

describe('a client whose budget of chats is used up', () => {
  const service = useFreshService({
    environment: { LIMIT_LIVE_CHATS: '2', LIMIT_CHATS_CREATED: '2' },
  });

  it('is answered for the chat that is there, and takes nobody’s place', async () => {
    const { client, clock } = service();
    const own = { chatToken: newToken(), userToken: newToken() };
    expect((await client.call('POST', 'chat.json', { person: own })).status).toBe(201);
    const other = await client.creator();
    await clock.advance(20 * 60_000);

    expect((await client.create()).status).toBe(429);
    expect((await client.call('POST', 'chat.json', { person: own })).status).toBe(201);

    expect((await client.state(other)).status).toBe(200);
  });
});

describe('a failure of the server', () => {
  let isAway = false;
  const service = useFreshService({
    environment: { LIMIT_FAILED_JOINS: '2', LIMIT_FAILED_AUTHENTICATIONS: '2' },
    adapt: ({ store }) => {
      const join = store.join.bind(store);
      const findParticipant = store.findParticipant.bind(store);
      const away = () => Promise.reject(new StorageUnavailable(new Error('away')));
      store.join = (wish) => (isAway ? away() : join(wish));
      store.findParticipant = (...tokens) => (isAway ? away() : findParticipant(...tokens));
      return {};
    },
  });

  it('is not counted as one of the client', async () => {
    const { client } = service();
    const { chatToken, userToken } = await client.creator();
    const stranger = { chatToken, userToken: newToken() };
    isAway = true;
    for (let times = 0; times < 5; times += 1) {
      expect(await client.join(chatToken)).toMatchObject({ status: 503 });
      expect(await client.state({ chatToken, userToken })).toMatchObject({ status: 503 });
    }
    isAway = false;

    expect(await client.join(newToken())).toMatchObject({ status: 404 });
    expect(await client.join(chatToken)).toMatchObject({ status: 200 });
    expect(await client.state(stranger)).toMatchObject({ status: 401 });
  });
});

describe('a refusal by a limit', () => {
  const service = useFreshService({ environment: { LIMIT_CHATS_CREATED: '1' } });

  it('is counted for the operator by the name of the limit', async () => {
    const { client } = service();
    await client.create();
    await client.create();
    await client.create();

    const { text } = await client.raw('GET', '/metrics');

    expect(text).toContain('sfchat_limit_refusals_total{limit="chats_created"} 2');
  });
});

describe('RATE_LIMITS=off', () => {
  const service = useFreshService({
    environment: {
      RATE_LIMITS: 'off',
      LIMIT_CHATS_CREATED: '1',
      LIMIT_FAILED_JOINS: '1',
      LIMIT_FAILED_AUTHENTICATIONS: '1',
      LIMIT_MESSAGES: '1',
      LIMIT_HELD_POLLS: '1',
      LIMIT_READ: '1',
      LIMIT_LIVE_CHATS: '1',
    },
  });

  it('refuses nothing', async () => {
    const { client, held } = service();
    const { creator, joiner } = await client.quietPair();
    await client.quietPair();

    for (let times = 0; times < 3; times += 1) {
      expect(await client.join(newToken())).toMatchObject({ status: 404 });
      expect(await client.state({ ...creator, userToken: newToken() })).toMatchObject({
        status: 401,
      });
      expect(await client.send(creator, 'one', 'two')).toMatchObject({ status: 202 });
    }
    await client.empty(joiner);
    client.hold(creator);
    client.hold(joiner);
    await held(2);
  });
});
