import { eventually } from '../../support/eventually.ts';
import { textsIn, type Person } from '../../support/test-client.ts';
import { COMMENT_MS, useNereid } from './use-nereid.ts';

describe('a message that was written to a stream', () => {
  const nereid = useNereid();
  const inboxOf = async (person: Person) => textsIn(await nereid().client.receive(person));

  it('has arrived as soon as the comment after it is out, and not before', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'one');
    await stream.hasMessages(1);

    await nereid().clock.advance(COMMENT_MS - 1);
    expect(await inboxOf(joiner)).toEqual(['one']);
    await nereid().clock.advance(1);
    await eventually(async () => (await inboxOf(joiner)).length === 0, 'it has arrived');

    await nereid().clock.advance(10 * COMMENT_MS);
    expect(stream.texts()).toEqual(['one']);
  });

  it('comes again after a reconnect that proves nothing', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const first = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'one', 'two');
    await first.hasMessages(2);
    first.abort();

    const second = await nereid().stream({ person: joiner });
    await second.hasMessages(2);

    expect(second.texts()).toEqual(['one', 'two']);
    expect(second.messages()).toEqual(first.messages());
  });

  it('is proven by Last-Event-ID, with all before it and none after it', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const first = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'one', 'two', 'three');
    await first.hasMessages(3);
    first.abort();

    const lastEventId = first.messages()[1]?.id;
    const second = await nereid().stream({ person: joiner, lastEventId });
    await second.hasMessages(1);
    await nereid().client.send(creator, 'four');
    await second.hasMessages(2);

    expect(second.texts()).toEqual(['three', 'four']);
    expect(await inboxOf(joiner)).toEqual(['three', 'four']);
  });

  it.each(['', 'x', 'f'.repeat(24), '1, 2'])(
    'is not proven by an id that names none: %j',
    async (lastEventId) => {
      const { creator, joiner } = await nereid().client.quietPair();
      await nereid().client.send(creator, 'one');

      const stream = await nereid().stream({ person: joiner, lastEventId });
      await stream.hasMessages(1);

      expect(await inboxOf(joiner)).toEqual(['one']);
    },
  );

  it('is not proven by somebody else’s Last-Event-ID', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    await nereid().client.send(creator, 'one');
    await nereid().client.send(joiner, 'two');
    const stream = await nereid().stream({ person: joiner });
    await stream.hasMessages(1);

    await nereid().stream({ person: creator, lastEventId: stream.lastId() });

    expect(await inboxOf(joiner)).toEqual(['one']);
    expect(await inboxOf(creator)).toEqual(['two']);
  });

  it('has arrived at once for a client that says so over DELETE messages.json', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'one');
    await stream.hasMessages(1);

    await nereid().client.acknowledge(joiner, stream.messages()[0]!.id);
    await nereid().client.send(creator, 'two');
    await stream.hasMessages(2);

    expect(await inboxOf(joiner)).toEqual(['two']);
    expect(stream.texts()).toEqual(['one', 'two']);
  });

  it('is not lost by the chat’s end: it waits for the proof', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const first = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'the last word');
    await nereid().client.close(creator);
    await first.hasEnded();

    const second = await nereid().stream({ person: joiner });
    await second.hasEnded();
    const lastEventId = second.lastId();
    const third = await nereid().stream({ person: joiner, lastEventId });

    expect(second.texts()).toEqual(first.texts());
    expect(second.texts()[0]).toBe('the last word');
    expect(third.response.statusCode).toBe(404);
  });

  it('counts as on its way for its sender until it has arrived', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'one');
    await stream.hasMessages(1);
    const waiting = async () =>
      (await nereid().client.receive(creator)).results as unknown as { waiting: number };

    expect(await waiting()).toMatchObject({ waiting: 1 });
    await nereid().clock.advance(COMMENT_MS);
    await eventually(async () => (await waiting()).waiting === 0, 'it has arrived');
  });

  it('costs no reading again and again while it is not proven', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: joiner });
    await nereid().client.send(creator, 'one');
    await stream.hasMessages(1);
    let reads = 0;
    const { store } = nereid().backend;
    const readInbox = store.readInbox.bind(store);
    store.readInbox = (caller) => {
      reads += 1;
      return readInbox(caller);
    };

    await nereid().clock.advance(9000);

    // One for each fallback check, and at most one for what came last.
    expect(reads).toBeLessThanOrEqual(4);
  });
});
