import { newToken } from '../../src/chat/chat.ts';
import { USED_INVITATION_MS } from '../../src/protocol.ts';
import { eventsIn, type Person } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

/** An answer may get lost; whoever asks again with the same tokens is answered the same. */
describe('create and join with tokens of one’s own', () => {
  const service = useFreshService();
  const client = () => service().client;

  const own = (): Person => ({ chatToken: newToken(), userToken: newToken() });
  const create = (person: Partial<Person>, body?: object) =>
    client().call('POST', 'chat.json', { person, ...(body && { body }) });
  const join = (person: Partial<Person>) => client().call('PUT', 'chat.json', { person });
  const joinerOf = ({ chatToken }: Person): Person => ({ chatToken, userToken: newToken() });

  it('give the same chat again, with nothing said twice', async () => {
    const creator = own();
    const first = await create(creator);
    await service().clock.advance(1000);

    const again = await create(creator);

    expect(first.status).toBe(201);
    expect(first.results).toMatchObject(creator);
    expect(again.results).toEqual(first.results);
    expect(eventsIn(await client().receive(creator))).toEqual(['created']);
  });

  it('give the joiner the same seat again, without a second notice or an alarm', async () => {
    const creator = own();
    await create(creator);
    const joiner = joinerOf(creator);
    const first = await join(joiner);

    const again = await join(joiner);

    expect(first.status).toBe(200);
    expect(again.results).toEqual(first.results);
    expect(eventsIn(await client().receive(creator))).toEqual(['created', 'joined']);
    expect(eventsIn(await client().receive(joiner))).toEqual(['ready']);
  });

  it('say how far the chat has come meanwhile', async () => {
    const creator = own();
    await create(creator);
    const joiner = joinerOf(creator);
    await join(joiner);

    expect((await create(creator)).results).toMatchObject({ code: 201, status: 'ready' });
    await client().send(creator, 'Good bye');
    await client().close(creator);
    expect((await join(joiner)).results).toMatchObject({ code: 200, status: 'closed' });
    expect((await client().receive(joiner)).results.messages.map(({ msg }) => msg)).toContain(
      'Good bye',
    );
  });

  it('alarm both when somebody else repeats', async () => {
    const creator = own();
    await create(creator);
    await join(joinerOf(creator));

    expect(await join(joinerOf(creator))).toMatchObject({
      status: 410,
      results: { msg: 'Invitation already used' },
    });
    expect(eventsIn(await client().receive(creator))).toEqual(['created', 'joined', 'intruder']);
  });

  it('let nobody take a chat token that is taken', async () => {
    const creator = own();
    await create(creator);

    expect(await create({ ...creator, userToken: newToken() })).toMatchObject({ status: 409 });
    expect(await create({ chatToken: creator.chatToken })).toMatchObject({ status: 409 });
    expect(eventsIn(await client().receive(creator))).toEqual(['created']);
  });

  it('refuse a token that is none, or that is another one', async () => {
    const creator = own();
    await create(creator);
    const { chatToken, userToken } = creator;

    expect(await create({ userToken: 'x' })).toMatchObject({ status: 400 });
    expect(await create({ chatToken: 'x' })).toMatchObject({ status: 400 });
    expect(await create({ chatToken: userToken, userToken })).toMatchObject({ status: 400 });
    expect(await join({ chatToken, userToken: 'X'.repeat(24) })).toMatchObject({ status: 400 });
    expect(await join({ chatToken, userToken: chatToken })).toMatchObject({ status: 400 });
    expect(await join({ chatToken, userToken })).toMatchObject({ status: 400 });
    expect(await client().state(creator)).toMatchObject({
      status: 200,
      results: { status: 'draft' },
    });
  });

  it('open nothing again when the chat only waits to be removed', async () => {
    const creator = own();
    await create(creator);
    await client().close(creator);
    await service().clock.advance(service().timing.closedGraceMs);

    expect(await create(creator)).toMatchObject({ status: 409 });
  });

  it('tell a late guest the same whether or not a worker has removed the chat', async () => {
    const creator = own();
    await create(creator);
    const { chatLifetimeMs, closedGraceMs } = service().timing;
    await service().clock.advance(chatLifetimeMs + closedGraceMs + USED_INVITATION_MS - 1);
    expect((await join(joinerOf(creator))).status).toBe(410);
    await service().clock.advance(1);

    expect((await join(joinerOf(creator))).status).toBe(404);
  });

  it('let a user token without a chat token be, which nobody could repeat', async () => {
    const userToken = newToken();

    const { status, results } = await create({ userToken });

    expect(status).toBe(201);
    expect(results.userToken).toBe(userToken);
  });

  describe('of a chat that is removed', () => {
    /** Somebody’s chat, closed and read by both, so that the server has removed it. */
    const removed = async (): Promise<Person> => {
      const creator = own();
      await create(creator);
      const joiner = joinerOf(creator);
      await join(joiner);
      await client().close(creator);
      await client().empty(creator);
      await client().empty(joiner);
      expect((await client().state(creator)).status).toBe(401);
      return creator;
    };

    it('tell a late guest that the invitation is over, for 24 hours', async () => {
      const creator = await removed();
      const late = () => join(joinerOf(creator));

      expect(await late()).toMatchObject({ status: 410, results: { msg: 'Invitation is over' } });
      await service().clock.advance(USED_INVITATION_MS - 1);
      expect((await late()).status).toBe(410);
      await service().clock.advance(1);

      expect(await late()).toMatchObject({ status: 404, results: { msg: 'Invalid code' } });
    });

    it('open no other chat under its token for 24 hours, not even for its creator', async () => {
      const creator = await removed();

      expect(await create(creator)).toMatchObject({ status: 409 });
      expect(await create({ ...own(), chatToken: creator.chatToken })).toMatchObject({
        status: 409,
      });
      await service().clock.advance(USED_INVITATION_MS);

      expect((await create(creator)).status).toBe(201);
    });

    it('keep nothing of it but a hash, and that for 24 hours', async () => {
      const { chatToken } = await removed();
      const { store } = service().backend;
      const removedAt = service().clock.now();

      expect(await store.find(chatToken)).toBeNull();
      expect(await store.wasRemoved(chatToken, removedAt - 1)).toBe(true);
      await service().clock.advance(USED_INVITATION_MS);
      await service().parts.terminate();

      expect(await store.wasRemoved(chatToken, 0)).toBe(false);
    });
  });
});

describe('an absence that ends in the moment in which it would close the chat', () => {
  const service = useFreshService({
    adapt: ({ store }) => {
      const close = store.close.bind(store);
      store.close = async (step) => {
        const { chatToken, at, unlessSeen } = step;
        if (unlessSeen) await store.readInbox({ chatToken, userId: unlessSeen.userId, at });
        return close(step);
      };
      return {};
    },
  });

  it('closes nothing', async () => {
    const { client, clock, settings } = service();
    const { creator } = await client.quietPair();
    await clock.advance(settings.absenceCloseAfterMs);

    expect((await client.receive(creator)).results.status).toBe('ready');
  });
});

describe('absenceCloseAfter', () => {
  const service = useFreshService();
  const client = () => service().client;
  const create = (data: object) => client().call('POST', 'chat.json', { body: { data } });

  it('is what the creator chose, for both and in the state', async () => {
    const { results } = await create({ absenceCloseAfter: 3600 });
    const joined = await client().join(results.chatToken);

    expect(results.absenceCloseAfter).toBe(3600);
    expect(joined.results.absenceCloseAfter).toBe(3600);
    const state = await client().state({ ...results });
    expect(state.results.absenceCloseAfter).toBe(3600);
  });

  it('is how long one may be away until the talker’s poll closes this chat', async () => {
    const { results } = await create({ absenceCloseAfter: 3600 });
    await client().joiner(results);
    await client().empty(results);

    await service().clock.advance(3_600_000 - 1);
    expect((await client().receive(results)).results.status).toBe('ready');
    await service().clock.advance(1);

    expect(eventsIn(await client().receive(results))).toEqual(['absent']);
  });

  it.each([59, 86_401, 0, -60, 60.5, '3600', null, true])('refuses %j', async (value) => {
    const { status, results } = await create({ absenceCloseAfter: value });

    expect(status).toBe(400);
    expect(results.msg).toContain('absenceCloseAfter');
  });

  it.each([60, 86_400])('takes %d', async (value) => {
    expect((await create({ absenceCloseAfter: value })).results.absenceCloseAfter).toBe(value);
  });
});
