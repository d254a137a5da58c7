import { useFreshService, useService } from '../support/test-service.ts';

describe('GET chat.json', () => {
  const service = useService();
  const client = () => service().client;

  it('tells the creator of a draft that nobody has joined', async () => {
    const { results: created } = await client().create({ encrypted: true });

    const { status, results } = await client().state(created);

    expect(status).toBe(200);
    expect(results).toEqual({
      code: 200,
      msg: 'Ok',
      status: 'draft',
      encrypted: true,
      absenceCloseAfter: 360,
      participants: 1,
      created: created.created,
      expires: created.expires,
      talker: { present: false, lastSeen: null },
    });
  });

  it('tells both of a ready chat the same, apart from who the talker is', async () => {
    const { creator, joiner } = await client().pair();

    const { talker: _joiner, ...toCreator } = (await client().state(creator)).results;
    const { talker: _creator, ...toJoiner } = (await client().state(joiner)).results;

    expect(toCreator).toMatchObject({ status: 'ready', encrypted: false, participants: 2 });
    expect(toJoiner).toEqual(toCreator);
  });

  it('still counts two participants when the chat is closed, and nobody is present', async () => {
    const { creator, joiner } = await client().pair();
    await client().close(joiner);

    const { results } = await client().state(creator);

    expect(results).toMatchObject({
      status: 'closed',
      participants: 2,
      talker: { present: false },
    });
  });

  it('leaves the inbox as it is', async () => {
    const { creator } = await client().pair();
    const before = await client().receive(creator);

    await client().state(creator);

    expect((await client().receive(creator)).results).toEqual(before.results);
  });
});

describe('the talker', () => {
  const service = useFreshService();
  const client = () => service().client;
  /** Nobody needs to know more of the other than the minute. */
  const minuteOf = (time: number) => new Date(time - (time % 60_000)).toISOString();

  it('is present while they hold a poll, and seen now', async () => {
    const { creator, joiner } = await client().quietPair();
    client().hold(joiner);
    await service().held(1);

    for (const wait of [0, 20_000, 20_000]) {
      await service().clock.advance(wait);
      const { talker } = (await client().state(creator)).results;
      expect(talker).toEqual({ present: true, lastSeen: minuteOf(service().clock.now()) });
    }
  });

  it('is absent some time after their last request, which is when they were last seen', async () => {
    const { creator, joiner } = await client().quietPair();
    await service().clock.advance(5000);
    await client().send(joiner, 'Good night');
    const lastSeen = minuteOf(service().clock.now());

    await service().clock.advance(60_000);

    const { talker } = (await client().state(creator)).results;
    expect(talker).toEqual({ present: false, lastSeen });
  });

  it('is no longer present when their client has gone away', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);
    await service().clock.advance(10_000);
    const lastSeen = minuteOf(service().clock.now());

    poll.abort();
    await service().held(0);
    await service().clock.advance(20_000);

    const { talker } = (await client().state(creator)).results;
    expect(talker).toEqual({ present: false, lastSeen });
  });

  it('is not whoever asks', async () => {
    const { creator, joiner } = await client().quietPair();
    await service().clock.advance(60_000);

    await client().state(joiner);
    const { talker } = (await client().state(joiner)).results;

    expect(talker.present).toBe(false);
    expect((await client().state(creator)).results.talker.present).toBe(true);
  });
});
