import { setImmediate } from 'node:timers/promises';
import { keyIn, newToken } from '../../src/chat/chat.ts';
import { textsIn } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

/** What a client says that it knows, and what it is told (protocol.md, "receive (long poll)"). */
describe('a long poll', () => {
  const service = useFreshService();
  const client = () => service().client;

  it('says how many of one’s own messages are on their way', async () => {
    const { creator, joiner } = await client().pair();

    await client().send(joiner, 'one', 'two');
    await client().send(creator, 'Hello');

    expect((await client().receive(joiner)).results.waiting).toBe(2);
    expect((await client().receive(creator)).results.waiting).toBe(1);
    await client().empty(creator);
    expect((await client().receive(joiner)).results.waiting).toBe(0);
  });

  it('is answered at once when fewer are on their way than the client knows', async () => {
    const { creator, joiner } = await client().quietPair();
    const _id = newToken();
    await client().send(joiner, { msg: 'Hi', _id });
    const poll = client().hold(joiner, '?waiting=1');
    await service().held(1);

    await client().acknowledge(creator, _id);

    expect((await poll.answer).results).toMatchObject({ count: 0, waiting: 0 });
  });

  it('is answered at once when more are on their way than the client knows', async () => {
    const { joiner } = await client().quietPair();
    const poll = client().hold(joiner, '?waiting=0');
    await service().held(1);

    await client().send(joiner, 'Hi');

    expect((await poll.answer).results).toMatchObject({ count: 0, waiting: 1 });
  });

  it('reads nothing for changes of what the client did not say that it knows', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'Hi');
    client().hold(creator);
    await service().held(1);
    const { store } = service().backend;
    const me = (await store.find(creator.chatToken))!.creator;
    const read = jest.spyOn(store, 'readInbox');

    await client().empty(joiner);
    const talkers = client().hold(joiner);
    await service().held(2);
    talkers.abort();
    await service().held(1);
    await setImmediate();

    expect(read.mock.calls.filter(([{ userId }]) => userId === me)).toEqual([]);
  });

  it('is answered at once when the talker comes back', async () => {
    const { creator, joiner } = await client().quietPair();
    await service().clock.advance(10_000);
    const poll = client().hold(creator, '?present=false');
    await service().held(1);

    client().hold(joiner);

    expect((await poll.answer).results).toMatchObject({ count: 0, talker: { present: true } });
  });

  it('learns that the talker fell silent', async () => {
    const { creator, joiner } = await client().quietPair();
    const talkers = client().hold(joiner);
    await service().held(1);
    const poll = client().hold(creator, '?present=true');
    await service().held(2);

    talkers.abort();
    await service().held(1);
    await service().clock.advance(1000);

    expect((await poll.answer).results).toMatchObject({ count: 0, talker: { present: false } });
  });

  it('is answered when the moment after the talker’s last request is over', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().state(joiner);
    const poll = client().hold(creator, '?present=true');
    await service().held(1);

    await service().clock.advance(1000);

    expect((await poll.answer).results.talker.present).toBe(false);
  });

  it('disturbs nobody when it follows another one at once', async () => {
    const { creator, joiner } = await client().quietPair();
    const { wakeBus, store } = service().backend;
    const chat = (await store.find(creator.chatToken))!;
    const first = client().hold(joiner);
    await service().held(1);
    await client().send(creator, 'Hi');
    await first.answer;
    await client().empty(joiner);
    const woken = jest.fn();
    const stop = await wakeBus.listen(keyIn(chat, chat.creator), woken);

    client().hold(joiner);
    await service().held(1);
    stop();

    expect(woken).not.toHaveBeenCalled();
  });

  it.each(['waiting=5', 'present=false', 'typing=true'])(
    'is answered at once when %s is not true to begin with',
    async (query) => {
      const { creator, joiner } = await client().quietPair();
      client().hold(joiner);
      await service().held(1);

      const { status, results } = await client().hold(creator, `?${query}`).answer;

      expect(status).toBe(200);
      expect(results).toMatchObject({
        count: 0,
        waiting: 0,
        talker: { present: true, typing: false },
      });
    },
  );

  it.each([
    'waiting=0&present=true&typing=false',
    'waiting=-1',
    'waiting=1.5',
    'waiting=x',
    'waiting=',
    'waiting=5&waiting=6',
    'present=yes',
    'present=FALSE',
    'present=toString',
    'typing=1',
    'typing',
  ])('is held for %s, which is true or says nothing', async (query) => {
    const { creator, joiner } = await client().quietPair();
    client().hold(joiner);
    await service().held(1);

    const poll = client().hold(creator, `?${query}`);
    await service().held(2);
    await client().send(joiner, 'Hi');

    expect(textsIn(await poll.answer)).toEqual(['Hi']);
  });

  it('tells of nobody’s presence when the chat is closed', async () => {
    const { creator, joiner } = await client().quietPair();
    client().hold(joiner);
    await service().held(1);
    await client().close(joiner);

    const { results } = await client().receive(creator);

    expect(results).toMatchObject({
      status: 'closed',
      talker: { present: false, typing: false },
    });
  });
});
