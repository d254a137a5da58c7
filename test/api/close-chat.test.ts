import { eventsIn, textsIn, type Person } from '../support/test-client.ts';
import { useService } from '../support/test-service.ts';

const CLOSED_BY_YOU = 'Thank you for using SFChat. Current chat was successfully closed.';
const CLOSED_BY_TALKER = 'Thank you for using SFChat. Chat was successfully closed by Talker.';

describe('DELETE chat.json', () => {
  const service = useService();
  const client = () => service().client;

  it.each(['creator', 'joiner'] as const)('lets the %s close the chat for both', async (role) => {
    const pair = await client().quietPair();
    const closer = pair[role];
    const talker = role === 'creator' ? pair.joiner : pair.creator;

    const { status, results } = await client().close(closer);

    expect(status).toBe(202);
    expect(results).toEqual({ code: 202, msg: 'Accepted' });
    const toCloser = await client().receive(closer);
    const toTalker = await client().receive(talker);
    expect(toCloser.results.status).toBe('closed');
    expect(toTalker.results.status).toBe('closed');
    expect(textsIn(toCloser)).toEqual([CLOSED_BY_YOU]);
    expect(textsIn(toTalker)).toEqual([CLOSED_BY_TALKER]);
    expect([...eventsIn(toCloser), ...eventsIn(toTalker)]).toEqual(['closed', 'closed']);
  });

  it('changes nothing the second time, whoever asks', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().close(creator);
    const before = [await client().receive(creator), await client().receive(joiner)];

    for (const person of [creator, joiner, creator]) {
      expect(await client().close(person)).toMatchObject({ status: 202 });
    }

    const after = [await client().receive(creator), await client().receive(joiner)];
    expect(after.map(({ results }) => results)).toEqual(before.map(({ results }) => results));
  });

  it('closes once when both close at once', async () => {
    const { creator, joiner } = await client().quietPair();
    const closers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? creator : joiner));

    const answers = await Promise.all(closers.map((person) => client().close(person)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const texts = [
      ...textsIn(await client().receive(creator)),
      ...textsIn(await client().receive(joiner)),
    ];
    expect(texts.toSorted()).toEqual([CLOSED_BY_TALKER, CLOSED_BY_YOU].toSorted());
  });

  it('closes a chat that nobody has joined', async () => {
    const creator = await client().creator();

    expect(await client().close(creator)).toMatchObject({ status: 202 });

    const inbox = await client().receive(creator);
    expect(inbox.results.status).toBe('closed');
    expect(eventsIn(inbox)).toEqual(['created', 'closed']);
    expect(textsIn(inbox)[1]).toBe(CLOSED_BY_YOU);
  });

  it('leaves undelivered messages readable', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'One', 'Two');

    await client().close(creator);

    expect(textsIn(await client().receive(joiner))).toEqual(['One', 'Two', CLOSED_BY_TALKER]);
  });

  it('answers the held polls of both', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);

    await client().close(joiner);

    for (const { answer } of polls) {
      expect((await answer).results).toMatchObject({ status: 'closed', count: 1 });
    }
  });

  it('lets the chat go at once when both have acknowledged everything', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'Good bye');
    await client().close(creator);

    await client().empty(creator);
    expect(await client().state(creator)).toMatchObject({ status: 200 });
    await client().empty(joiner);

    const answersOf = async (person: Person) => [
      await client().state(person),
      await client().receive(person),
      await client().close(person),
      await client().send(person, 'Hello?'),
    ];
    for (const { status } of [...(await answersOf(creator)), ...(await answersOf(joiner))]) {
      expect(status).toBe(401);
    }
    expect(await client().join(creator.chatToken)).toMatchObject({
      status: 410,
      results: { msg: 'Invitation is over' },
    });
    expect(await service().backend.store.find(creator.chatToken)).toBeNull();
  });
});
