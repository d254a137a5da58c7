import { newToken } from '../../src/chat/chat.ts';
import { eventsIn, textsIn, type Person } from '../support/test-client.ts';
import { useService } from '../support/test-service.ts';

describe('DELETE messages.json', () => {
  const service = useService();
  const client = () => service().client;
  const idsIn = async (person: Person) =>
    (await client().receive(person)).results.messages.map(({ _id }) => _id);
  const remove = (person: Person, body?: object | string) =>
    client().call('DELETE', 'messages.json', {
      person,
      type: 'application/json',
      ...(body !== undefined && { body }),
    });

  it('makes the server forget the named messages and no others', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one', 'two', 'three');
    const ids = await idsIn(joiner);

    const { status, results } = await client().acknowledge(joiner, ids[0]!, ids[2]!);

    expect(status).toBe(202);
    expect(results).toEqual({ code: 202, msg: 'Accepted' });
    expect(textsIn(await client().receive(joiner))).toEqual(['two']);
  });

  it('touches nobody else’s inbox', async () => {
    const { creator, joiner } = await client().quietPair();
    const other = await client().pair();
    await client().send(creator, 'for the joiner');
    const ids = await idsIn(joiner);

    for (const person of [creator, other.creator, other.joiner]) {
      expect(await client().acknowledge(person, ...ids)).toMatchObject({ status: 202 });
    }

    expect(textsIn(await client().receive(joiner))).toEqual(['for the joiner']);
    expect(eventsIn(await client().receive(other.joiner))).toEqual(['ready']);
  });

  it('ignores unknown ids and may be repeated', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one', 'two');
    const [first] = await idsIn(joiner);

    for (let times = 0; times < 3; times += 1) {
      const answer = await client().acknowledge(joiner, newToken(), first!, first!);
      expect(answer).toMatchObject({ status: 202 });
    }

    expect(textsIn(await client().receive(joiner))).toEqual(['two']);
  });

  it('works on a closed chat', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one');
    await client().close(creator);
    const [first] = await idsIn(joiner);

    expect(await client().acknowledge(joiner, first!)).toMatchObject({ status: 202 });

    expect(eventsIn(await client().receive(joiner))).toEqual(['closed']);
  });

  it('takes 200 ids at once', async () => {
    const { creator, joiner } = await client().quietPair();
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    for (let sent = 0; sent < 200; sent += 20) await client().send(creator, ...texts);
    const ids = await idsIn(joiner);
    expect(ids).toHaveLength(200);

    expect(await client().acknowledge(joiner, ...ids)).toMatchObject({ status: 202 });

    expect(await idsIn(joiner)).toEqual([]);
  });

  it.each([0, 201])('refuses %s ids at once', async (count) => {
    const { joiner } = await client().pair();
    const [ready] = await idsIn(joiner);
    const ids = Array.from({ length: count }, () => ready!);

    expect(await client().acknowledge(joiner, ...ids)).toMatchObject({ status: 400 });

    expect(await idsIn(joiner)).toEqual([ready]);
  });

  it.each(['abc', '', 'A'.repeat(24), 24, null, { $ne: '' }, undefined])(
    'refuses %j as an id, and forgets nothing of the request',
    async (_id) => {
      const { joiner } = await client().pair();
      const [ready] = await idsIn(joiner);

      const { status, results } = await remove(joiner, {
        data: { messages: [{ _id: ready }, { _id }] },
      });

      expect(status).toBe(400);
      expect(results.msg).toMatch(/^Bad Request: ./);
      expect(await idsIn(joiner)).toEqual([ready]);
    },
  );

  it.each([
    [undefined],
    ['{'],
    ['[]'],
    ['{"data":{}}'],
    ['{"data":{"messages":"all"}}'],
    ['{"data":{"messages":[[]]}}'],
  ])('refuses the body %j', async (body) => {
    const { joiner } = await client().pair();

    expect(await remove(joiner, body)).toMatchObject({ status: 400 });

    expect(eventsIn(await client().receive(joiner))).toEqual(['ready']);
  });

  it('is how a message is forgotten, and the only way', async () => {
    const { creator, joiner } = await client().quietPair();
    await client().send(creator, 'one');

    for (let times = 0; times < 3; times += 1) {
      expect(textsIn(await client().receive(joiner))).toEqual(['one']);
    }
    await client().empty(joiner);

    expect(textsIn(await client().receive(joiner))).toEqual([]);
  });
});
