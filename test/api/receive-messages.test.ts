import assert from 'node:assert/strict';
import type { Caller } from '../../src/chat/chat-store.ts';
import type { WakeBus } from '../../src/chat/wake-bus.ts';
import { eventually } from '../support/eventually.ts';
import { eventsIn, textsIn } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

describe('GET messages.json', () => {
  const service = useFreshService();
  const client = () => service().client;

  it('gives the whole inbox, oldest first, with the status of the chat', async () => {
    const { creator, joiner } = await client().pair();
    await client().send(creator, 'one');
    await client().send(creator, 'two', 'three');

    const { status, results } = await client().receive(joiner);

    expect(status).toBe(200);
    const _id = expect.stringMatching(/^[0-9a-f]{24}$/) as string;
    expect(results).toEqual({
      code: 200,
      msg: 'Ok',
      count: 4,
      status: 'ready',
      messages: [
        { _id, msg: 'Chat is ready to use', system: true, event: 'ready' },
        { _id, msg: 'one', system: false },
        { _id, msg: 'two', system: false },
        { _id, msg: 'three', system: false },
      ],
      waiting: 0,
      talker: { present: true, typing: false },
    });
  });

  it('gives the same messages until they are acknowledged', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one');
    const first = await client().hold(joiner).answer;

    expect((await client().hold(joiner).answer).results).toEqual(first.results);
    expect((await client().receive(joiner)).results).toEqual(first.results);
  });

  it.each(['false', '0', 'FALSE', 'False', 'fAlSe'])(
    'answers at once when longPolling is %s',
    async (value) => {
      const { joiner } = await client().quietPair();

      const answer = await client().hold(joiner, `?longPolling=${value}`).answer;

      expect(answer).toMatchObject({ status: 200 });
      expect(answer.results).toEqual({
        code: 200,
        msg: 'Ok',
        count: 0,
        status: 'ready',
        messages: [],
        waiting: 0,
        talker: { present: true, typing: false },
      });
    },
  );

  it.each([
    '',
    '?longPolling=true',
    '?longPolling=TRUE',
    '?longPolling=1',
    '?longPolling=',
    '?longPolling',
    '?longPolling=no',
    '?longPolling=00',
    '?longPolling=falsey',
    '?longpolling=false',
    '?other=false',
  ])('holds the request when its query is %j', async (query) => {
    const { creator, joiner } = await client().quietPair();

    const poll = client().hold(joiner, query);
    await service().held(1);
    await client().send(creator, 'Hi');

    expect(textsIn(await poll.answer)).toEqual(['Hi']);
  });

  it('does not hold a request when there is something to read', async () => {
    const { creator } = await client().pair();

    const answer = await client().hold(creator).answer;

    expect(eventsIn(answer)).toEqual(['created', 'joined']);
  });

  it('does not hold a request when the chat is closed', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().close(creator);
    await client().empty(creator);

    expect((await client().hold(creator).answer).results).toMatchObject({
      status: 'closed',
      count: 0,
    });
    expect((await client().hold(joiner).answer).results).toMatchObject({
      status: 'closed',
      count: 1,
    });
  });

  it('holds the request of a creator who waits for the joiner', async () => {
    const creator = await client().creator();
    await client().empty(creator);
    const poll = client().hold(creator);
    await service().held(1);

    await service().clock.advance(45_000);

    expect((await poll.answer).results).toMatchObject({ status: 'draft', count: 0 });
  });
});

describe('a held poll', () => {
  const service = useFreshService();
  const client = () => service().client;

  it('is answered by a message, without time going by', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);

    await client().send(creator, 'Hi', 'there');
    await client().send(joiner, 'Hello');

    expect(textsIn(await polls[1]!.answer)).toEqual(['Hi', 'there']);
    expect(textsIn(await polls[0]!.answer)).toEqual(['Hello']);
    await service().held(0);
  });

  it('is answered empty when its time is over, and not before', async () => {
    const { joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);

    await service().clock.advance(44_999);
    await service().held(1);
    await service().clock.advance(1);

    expect((await poll.answer).results).toEqual({
      code: 200,
      msg: 'Ok',
      count: 0,
      status: 'ready',
      messages: [],
      waiting: 0,
      talker: { present: false, typing: false },
    });
    await service().held(0);
  });

  it('learns at once that the talker is back, also from a check that is not held', async () => {
    const { creator, joiner } = await client().quietPair();
    await service().clock.advance(2_000);
    const poll = client().hold(creator, '?present=false');
    await service().held(1);

    await client().receive(joiner);

    expect((await poll.answer).results).toMatchObject({ talker: { present: true } });
  });

  it('is not ended by what happens in the other inbox', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(creator);
    await service().held(1);

    await client().send(creator, 'Hi');
    await client().empty(joiner);
    await client().state(creator);
    await service().held(1);
    await client().send(joiner, 'Hello');

    expect(textsIn(await poll.answer)).toEqual(['Hello']);
  });

  it('is not ended by a repeated message that was delivered already', async () => {
    const { creator, joiner } = await client().quietPair();
    const message = { msg: 'Once', _id: 'a'.repeat(24) };
    await client().send(creator, message);
    await client().empty(joiner);
    const poll = client().hold(joiner);
    await service().held(1);

    await client().send(creator, message);
    await service().clock.advance(45_000);

    expect(textsIn(await poll.answer)).toEqual([]);
  });

  it('is superseded by a newer one of the same participant', async () => {
    const { creator, joiner } = await client().quietPair();
    const older = client().hold(joiner);
    await service().held(1);

    const newer = client().hold(joiner);
    const { status, results } = await older.answer;

    expect(status).toBe(409);
    expect(results).toEqual({ code: 409, msg: 'Conflict: superseded' });
    await service().held(1);
    await client().send(creator, 'Hi');
    expect(textsIn(await newer.answer)).toEqual(['Hi']);
  });

  it('is the only one of many that one participant begins at once', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = Array.from({ length: 10 }, () => client().hold(joiner));
    const codes: number[] = [];
    for (const { answer } of polls) void answer.then(({ status }) => codes.push(status));
    await eventually(() => codes.length === 9);
    await service().held(1);

    await client().send(creator, 'Hi');
    await eventually(() => codes.length === 10);

    expect(codes.toSorted()).toEqual([200, ...Array<number>(9).fill(409)]);
  });

  it('is superseded neither by the talker nor by a request that is not held', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);

    client().hold(creator);
    await service().held(2);
    await client().receive(joiner);
    await client().raw('HEAD', '/api/v1/messages.json', { person: joiner });
    await service().held(2);
    await client().send(creator, 'Hi');

    expect(textsIn(await poll.answer)).toEqual(['Hi']);
  });

  it('is of its own chat, also when somebody uses one user token in two', async () => {
    const { userToken } = await client().creator();
    const [one, other] = await Promise.all(
      ['a', 'b'].map(async (letter) => {
        const person = { chatToken: letter.repeat(24), userToken };
        expect(await client().call('POST', 'chat.json', { person })).toMatchObject({ status: 201 });
        return person;
      }),
    );
    assert(one !== undefined && other !== undefined);
    await client().hold(one).answer;

    const answer = await client().hold(other).answer;

    expect(textsIn(answer)).toEqual([expect.stringContaining(other.chatToken)]);
  });

  it('is freed at once when the client goes away', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);

    poll.abort();
    await service().held(0);

    await client().send(creator, 'Hi');
    expect(textsIn(await client().receive(joiner))).toEqual(['Hi']);
  });

  it('of a client that went away is no reason to supersede', async () => {
    const { creator, joiner } = await client().quietPair();
    client().hold(joiner).abort();
    const gone = client().hold(joiner);
    await service().held(1);
    gone.abort();
    await service().held(0);

    const poll = client().hold(joiner);
    await service().held(1);
    await client().send(creator, 'Hi');

    expect(await poll.answer).toMatchObject({ status: 200 });
  });

  it('is answered empty when the server stops, and none is held from then on', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);

    service().parts.stop();

    const late = client().hold(joiner);
    for (const { answer } of [...polls, late]) {
      const { status, results } = await answer;
      expect(status).toBe(200);
      expect(results).toMatchObject({ count: 0, status: 'ready', messages: [] });
    }
    await service().held(0);
  });

  it('still delivers when the server stops', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'Hi');

    service().parts.stop();

    expect(textsIn(await client().hold(joiner).answer)).toEqual(['Hi']);
  });
});

describe('a held poll whose wake-ups get lost', () => {
  const service = useFreshService({
    environment: { LONG_POLLING_SLEEP: '2.5', LONG_POLLING_ITERATION: '4' },
    adapt: ({ wakeBus }) => ({ wakeBus: deaf(wakeBus) }),
  });
  const client = () => service().client;

  /** A bus whose wake-ups never arrive. */
  const deaf = (wakeBus: WakeBus): WakeBus => ({
    listen: (who, onWake) => wakeBus.listen(who, onWake),
    wake: () => undefined,
    isHealthy: () => false,
    disconnect: () => wakeBus.disconnect(),
  });

  it('finds a message at the next iteration', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);
    await service().clock.advance(2500);
    await client().send(creator, 'Hi');

    await service().clock.advance(2499);
    await service().held(1);
    await service().clock.advance(1);

    expect(textsIn(await poll.answer)).toEqual(['Hi']);
  });

  it('finds a close at the next iteration', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);
    await client().close(creator);

    await service().clock.advance(2500);

    expect((await poll.answer).results).toMatchObject({ status: 'closed' });
  });

  it('is superseded at the next iteration', async () => {
    const { joiner } = await client().quietPair();
    const older = client().hold(joiner);
    await service().held(1);
    client().hold(joiner);
    await service().held(2);

    await service().clock.advance(2500);

    expect(await older.answer).toMatchObject({ status: 409 });
    await service().held(1);
  });

  it('is held for sleep × iteration seconds', async () => {
    const { joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);

    await service().clock.advance(9999);
    await service().held(1);
    await service().clock.advance(1);

    expect(await poll.answer).toMatchObject({ status: 200 });
  });
});

describe('a poll that goes on while the store is slow', () => {
  /** Resolved when the store may answer. */
  let readable = Promise.resolve();
  const service = useFreshService({
    adapt: ({ store }) => ({
      store: new Proxy(store, {
        get: (target, name) => {
          if (name === 'readInbox')
            return (caller: Caller) => readable.then(() => target.readInbox(caller));
          const member: unknown = Reflect.get(target, name);
          return typeof member === 'function' ? (member.bind(target) as unknown) : member;
        },
      }),
    }),
  });

  it('does not take the place of one that began after it', async () => {
    const { client, parts, held } = service();
    const { creator, joiner } = await client.quietPair();
    await client.send(creator, 'Hi');
    const { messages } = (await client.hold(joiner).answer).results;
    await client.acknowledge(joiner, ...messages.map(({ _id }) => _id));
    let answer: () => void = () => undefined;
    readable = new Promise((resolve) => (answer = resolve));
    const older = client.hold(joiner);
    await eventually(() => parts.longPoller.size() === 1);
    const newer = client.hold(joiner);
    await eventually(() => parts.longPoller.waiting() === 1);

    answer();

    expect(await older.answer).toMatchObject({ status: 409 });
    await held(1);
    newer.abort();
  });
});

describe('a poll that goes on after the time of the machine was set back', () => {
  const kept: unknown[] = [];
  const service = useFreshService({
    adapt: ({ store }) => ({
      store: new Proxy(store, {
        get: (target, name) => {
          if (name === 'keepPoll') kept.push(target);
          const member: unknown = Reflect.get(target, name);
          return typeof member === 'function' ? (member.bind(target) as unknown) : member;
        },
      }),
    }),
  });

  it('is written anew at once, and not again as long as that holds', async () => {
    const { client, clock, held } = service();
    const { creator, joiner } = await client.quietPair();
    const begin = async () => {
      const poll = client.hold(creator);
      await held(1);
      return poll.answer;
    };
    const first = begin();
    await held(1);
    clock.setBack(3_600_000);
    await clock.advance(45_000);
    await first;
    expect(kept).toHaveLength(0);

    for (const text of ['one', 'two']) {
      const poll = begin();
      await held(1);
      await client.send(joiner, text);
      await client.acknowledge(creator, ...(await poll).results.messages.map(({ _id }) => _id));
      expect(kept).toHaveLength(1);
    }
  });
});
