import { newToken } from '../../src/chat/chat.ts';
import { eventsIn } from '../support/test-client.ts';
import { useFreshService, useService } from '../support/test-service.ts';

describe('PUT chat.json', () => {
  const service = useService();
  const client = () => service().client;

  it('lets a second participant in and gives them their own token', async () => {
    const created = await client().create({ encrypted: true });
    const { chatToken, userToken, created: since, expires } = created.results;

    const { status, results } = await client().join(chatToken);

    expect(status).toBe(200);
    expect(results).toEqual({
      code: 200,
      msg: 'Ok',
      chatToken,
      userToken: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      status: 'ready',
      encrypted: true,
      absenceCloseAfter: 360,
      created: since,
      expires,
    });
    expect(results.userToken).not.toBe(userToken);
  });

  it('tells the creator that somebody joined, and the joiner that the chat is ready', async () => {
    const creator = await client().creator();
    await client().empty(creator);

    const joiner = await client().joiner(creator);

    const id = expect.stringMatching(/^[0-9a-f]{24}$/) as string;
    expect((await client().receive(creator)).results).toMatchObject({
      status: 'ready',
      messages: [
        { _id: id, msg: 'Talker was successfully joined to chat', system: true, event: 'joined' },
      ],
    });
    expect((await client().receive(joiner)).results).toMatchObject({
      status: 'ready',
      messages: [{ _id: id, msg: 'Chat is ready to use', system: true, event: 'ready' }],
    });
  });

  it('answers the creator’s held poll', async () => {
    const creator = await client().creator();
    await client().empty(creator);
    const poll = client().hold(creator);
    await service().held(1);

    await client().joiner(creator);

    expect(eventsIn(await poll.answer)).toEqual(['joined']);
  });

  it('lets nobody join twice', async () => {
    const { creator, joiner } = await client().pair();

    for (const headers of [{}, { 'X-SFC-userToken': newToken() }]) {
      const { status, results } = await client().join(creator.chatToken, headers);
      expect(status).toBe(410);
      expect(results).toEqual({ code: 410, msg: 'Invitation already used' });
    }
    expect(await client().state(joiner)).toMatchObject({ status: 200 });
  });

  it('lets exactly one of many in who join at once', async () => {
    const creator = await client().creator();

    const answers = await Promise.all(
      Array.from({ length: 40 }, () => client().join(creator.chatToken)),
    );

    const codes = answers.map(({ status }) => status).toSorted();
    expect(codes).toEqual([200, ...Array<number>(39).fill(410)]);
    expect((await client().state(creator)).results).toMatchObject({ participants: 2 });
    const { results } = answers.find(({ status }) => status === 200)!;
    const joiner = { chatToken: creator.chatToken, userToken: results.userToken };
    expect(await client().send(joiner, 'It is me')).toMatchObject({ status: 202 });
  });

  it('refuses a code that nobody made', async () => {
    const { creator } = await client().pair();
    const draft = await client().creator();
    const codes = [
      newToken(),
      creator.userToken,
      draft.userToken,
      draft.chatToken.toUpperCase().replace(/^\d/, 'A'),
      draft.chatToken.slice(1),
      `${draft.chatToken}0`,
      'x',
    ];

    for (const code of codes) {
      const { status, results } = await client().join(code);
      expect(status).toBe(404);
      expect(results).toEqual({ code: 404, msg: 'Invalid code' });
    }
    expect(await client().call('PUT', 'chat.json')).toMatchObject({ status: 404 });
    expect((await client().state(draft)).results).toMatchObject({ participants: 1 });
  });

  it('refuses the code of a chat that was closed, joined or not', async () => {
    const draft = await client().creator();
    const { creator } = await client().pair();

    for (const person of [draft, creator]) {
      await client().close(person);
      expect(await client().join(person.chatToken)).toMatchObject({ status: 410 });
      expect(eventsIn(await client().receive(person))).not.toContain('intruder');
    }
  });

  it('takes the code in the header alone', async () => {
    const { chatToken } = await client().creator();
    const body = { data: { chatToken } };

    const answer = await client().call('PUT', `chat.json?chatToken=${chatToken}`, { body });

    expect(answer).toMatchObject({ status: 404 });
  });

  it('leaves the invitation usable after a refused join', async () => {
    const creator = await client().creator();
    await client().join(newToken());

    expect(await client().join(creator.chatToken)).toMatchObject({ status: 200 });
  });
});

describe('a join of a ready chat', () => {
  const service = useFreshService();
  const client = () => service().client;

  it('warns both participants', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);

    expect(await client().join(creator.chatToken)).toMatchObject({ status: 410 });

    for (const { answer } of polls) {
      expect((await answer).results).toMatchObject({
        count: 1,
        status: 'ready',
        messages: [
          { msg: 'Someone else tried to use your invitation.', system: true, event: 'intruder' },
        ],
      });
    }
  });

  it('warns at most once a minute', async () => {
    const { creator, joiner } = await client().quietPair();
    const intrude = async () => {
      const joins = Array.from({ length: 5 }, () => client().join(creator.chatToken));
      for (const { status } of await Promise.all(joins)) expect(status).toBe(410);
      return eventsIn(await client().receive(joiner)).length;
    };

    expect(await intrude()).toBe(1);
    await service().clock.advance(59_999);
    expect(await intrude()).toBe(1);
    await service().clock.advance(1);
    expect(await intrude()).toBe(2);
    expect(eventsIn(await client().receive(creator))).toEqual(['intruder', 'intruder']);
  });
});
