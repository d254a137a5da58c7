import { TYPING_SHOWN_MS } from '../../src/protocol.ts';
import type { Person } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

describe('PATCH chat.json', () => {
  const service = useFreshService();
  const client = () => service().client;

  const signal = (person: Person, data: unknown = { typing: true }) =>
    client().call('PATCH', 'chat.json', { person, body: { data } });
  const typing = async (person: Person) => (await client().receive(person)).results.talker.typing;

  /** Two people, the creator with a held poll that knows nothing of typing. */
  const listening = async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(creator);
    await service().held(1);
    return { creator, joiner, poll };
  };

  it('shows the talker at once that somebody types, and that they stopped', async () => {
    const { creator, joiner } = await client().quietPair();
    const waiting = client().hold(creator, '?typing=false');
    await service().held(1);

    expect(await signal(joiner)).toMatchObject({ status: 202, results: { msg: 'Accepted' } });
    expect((await waiting.answer).results).toMatchObject({ count: 0, talker: { typing: true } });

    const again = client().hold(creator, '?typing=true');
    await service().held(1);
    await signal(joiner, { typing: false });
    expect((await again.answer).results.talker.typing).toBe(false);
  });

  it('is seen by the talker alone', async () => {
    const { joiner } = await listening();

    await signal(joiner);

    expect(await typing(joiner)).toBe(false);
  });

  it('is shown for six seconds unless it is repeated', async () => {
    const { creator, joiner } = await listening();

    await signal(joiner);
    await service().clock.advance(TYPING_SHOWN_MS - 1);
    expect(await typing(creator)).toBe(true);
    await signal(joiner);
    await service().clock.advance(TYPING_SHOWN_MS - 1);
    expect(await typing(creator)).toBe(true);
    await service().clock.advance(1);

    expect(await typing(creator)).toBe(false);
  });

  it('answers a poll when the six seconds are over', async () => {
    const { creator, joiner } = await listening();
    await signal(joiner);
    const poll = client().hold(creator, '?typing=true');
    await service().held(1);

    await service().clock.advance(TYPING_SHOWN_MS);

    expect((await poll.answer).results.talker.typing).toBe(false);
  });

  it('answers a poll when the six seconds are over, between two checks', async () => {
    const { creator, joiner } = await listening();
    await signal(joiner);
    await service().clock.advance(1000);
    const poll = client().hold(creator, '?typing=true');
    await service().held(1);

    await service().clock.advance(TYPING_SHOWN_MS - 1000);

    expect((await poll.answer).results.talker.typing).toBe(false);
  });

  it('does not answer a poll that does not ask for it', async () => {
    const { joiner, poll } = await listening();

    await signal(joiner);
    await client().send(joiner, 'Hi');

    expect((await poll.answer).results.count).toBe(1);
  });

  it('is dropped when the talker holds no poll', async () => {
    const { creator, joiner } = await client().quietPair();

    expect((await signal(joiner)).status).toBe(202);

    expect(await typing(creator)).toBe(false);
  });

  it.each([[{}], [{ typing: 'yes' }], [{ typing: null }], [true]])('refuses %j', async (data) => {
    const { creator, joiner } = await listening();

    expect(await signal(joiner, data)).toMatchObject({ status: 400 });

    expect(await typing(creator)).toBe(false);
  });

  it('needs a chat in which both can talk', async () => {
    const creator = await client().creator();
    expect(await signal(creator)).toMatchObject({ status: 409 });
    const { creator: closer, joiner } = await client().pair();
    await client().close(closer);

    expect(await signal(joiner)).toMatchObject({ status: 409 });
    expect(
      await client().call('PATCH', 'chat.json', { body: { data: { typing: true } } }),
    ).toMatchObject({
      status: 401,
    });
  });

  it('is a sign of life', async () => {
    const { creator, joiner } = await client().quietPair();
    const absence = service().settings.absenceCloseAfterMs;
    await service().clock.advance(absence - 1000);
    await signal(joiner);
    await service().clock.advance(absence - 1000);

    expect((await client().receive(creator)).results.status).toBe('ready');
  });

  it('reaches no database', async () => {
    const { joiner, creator } = await listening();
    const { store } = service().backend;
    const before = await store.readInbox({
      chatToken: creator.chatToken,
      userId: (await store.find(creator.chatToken))!.creator,
    });

    await signal(joiner);

    const after = await store.readInbox({
      chatToken: creator.chatToken,
      userId: (await store.find(creator.chatToken))!.creator,
    });
    expect({ ...after, talkerSeenUntil: 0 }).toEqual({ ...before, talkerSeenUntil: 0 });
  });
});

describe('the budget of signals', () => {
  const service = useFreshService({ environment: { LIMIT_SIGNALS: '2', LIMIT_MESSAGES: '1' } });

  it('is not that of messages, and is the participant’s own', async () => {
    const { client } = service();
    const { creator, joiner } = await client.quietPair();
    const signal = (person: Person) =>
      client.call('PATCH', 'chat.json', { person, body: { data: { typing: true } } });

    expect([(await signal(joiner)).status, (await signal(joiner)).status]).toEqual([202, 202]);
    const refused = await signal(joiner);

    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signal(creator)).status).toBe(202);
    expect((await client.send(joiner, 'Hi')).status).toBe(202);
  });
});
