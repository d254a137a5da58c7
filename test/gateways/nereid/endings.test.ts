import type { Socket } from 'node:net';
import { eventually } from '../../support/eventually.ts';
import type { Person } from '../../support/test-client.ts';
import type { TestStream } from './stream-client.ts';
import { COMMENT_MS, useNereid } from './use-nereid.ts';

const lastEvent = (stream: TestStream) => stream.events().at(-1);

describe('one live receiver per participant', () => {
  const nereid = useNereid();
  const sendsTo = async (from: Person, stream: TestStream, text: string) => {
    const before = stream.messages().length;
    await nereid().client.send(from, text);
    await stream.hasMessages(before + 1);
  };

  it('is the newer stream', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const older = await nereid().stream({ person: joiner });
    const newer = await nereid().stream({ person: joiner });

    await older.hasEnded();
    expect(lastEvent(older)).toMatchObject({ event: 'superseded', retry: 86_400_000 });
    await sendsTo(creator, newer, 'one');
    expect(older.texts()).toEqual([]);
  });

  it('is a long poll that came after the stream', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: joiner });
    const poll = nereid().client.hold(joiner);

    await stream.hasEnded();
    expect(lastEvent(stream)).toMatchObject({ event: 'superseded' });
    await nereid().client.send(creator, 'one');
    expect((await poll.answer).results.messages).toMatchObject([{ msg: 'one' }]);
  });

  it('is a stream that came after the long poll', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const poll = nereid().client.hold(joiner);
    await nereid().held(1);
    const stream = await nereid().stream({ person: joiner });

    expect(await poll.answer).toMatchObject({
      status: 409,
      results: { msg: 'Conflict: superseded' },
    });
    await sendsTo(creator, stream, 'one');
  });

  it('is the newest, however busy the older one is', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    for (let round = 0; round < 10; round += 1) {
      const older = await nereid().stream({ person: joiner });
      const sending = nereid().client.send(creator, 'one');
      const poll = nereid().client.hold(joiner);
      await Promise.all([sending, older.hasEnded()]);

      expect(lastEvent(older)).toMatchObject({ event: 'superseded' });
      expect((await poll.answer).status).toBe(200);
      await nereid().client.empty(joiner);
    }
  });

  it('may be three connections while one replaces another, not more', async () => {
    const { joiner } = await nereid().client.quietPair();
    // Nobody is woken, so that the older ones stay.
    nereid().backend.wakeBus.wake = () => undefined;
    for (let count = 0; count < 3; count += 1) await nereid().stream({ person: joiner });

    const fourth = await nereid().stream({ person: joiner });
    expect(fourth.response.statusCode).toBe(429);
    expect(fourth.response.headers['retry-after']).toBe('1');

    await nereid().clock.advance(3000);
    await eventually(() => nereid().parts.longPoller.size() === 1);
    expect((await nereid().stream({ person: joiner })).response.statusCode).toBe(200);
  });
});

describe('the limits of held polls', () => {
  const nereid = useNereid({ environment: { LIMIT_HELD_POLLS_PER_ADDRESS: '2' } });

  it('count streams, and are free again when a stream has ended', async () => {
    const people = await Promise.all([1, 2, 3].map(() => nereid().client.creator()));
    const [first, second, third] = people as [Person, Person, Person];
    const stream = await nereid().stream({ person: first });
    await nereid().stream({ person: second });

    expect((await nereid().stream({ person: third })).response.statusCode).toBe(429);
    stream.abort();
    await eventually(
      async () => (await nereid().stream({ person: third })).response.statusCode === 200,
      'there is room again',
    );
  });
});

describe('the end of a stream', () => {
  // Longer than one may be away, and no longer: each check of a held stream takes real time.
  const nereid = useNereid({ environment: { CHAT_LIFETIME: '600' } });

  it('comes with the end of the chat, at once', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const streams = await Promise.all(
      [creator, joiner].map((person) => nereid().stream({ person })),
    );

    await nereid().client.close(creator);

    await Promise.all(streams.map((stream) => stream.hasEnded()));
    expect(streams.map((stream) => stream.texts())).toEqual([
      ['Thank you for using SFChat. Current chat was successfully closed.'],
      ['Thank you for using SFChat. Chat was successfully closed by Talker.'],
    ]);
  });

  it('comes with the end of the chat’s lifetime', async () => {
    const creator = await nereid().client.creator();
    await nereid().client.empty(creator);
    const stream = await nereid().stream({ person: creator });

    await nereid().clock.advance(nereid().settings.chatLifetimeMs);

    await stream.hasEnded();
    expect(stream.texts()).toEqual([
      'Thank you for using SFChat. Current chat was successfully closed automatically.',
    ]);
  });

  it('comes when the talker was away too long', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: creator });

    await nereid().clock.advance(nereid().settings.absenceCloseAfterMs);

    await stream.hasEnded();
    expect(stream.texts().at(-1)).toMatch(/Talker left/);
    expect((await nereid().client.receive(joiner)).results.status).toBe('closed');
  });

  it('comes when the chat is removed', async () => {
    const { creator } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: creator });

    await nereid().backend.store.remove(creator.chatToken, nereid().clock.now());
    await nereid().clock.advance(3000);

    await stream.hasEnded();
    expect(stream.raw()).toMatch(/: gone\n\n$/);
    expect((await nereid().stream({ person: creator })).response.statusCode).toBe(401);
  });

  it('comes when the server stops, and tells the client to come back', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    await nereid().client.send(joiner, 'one');
    const stream = await nereid().stream({ person: creator });
    await stream.hasMessages(1);

    nereid().parts.stop();

    await stream.hasEnded();
    expect(lastEvent(stream)).toEqual({ retry: 2000 });
    const late = await nereid().stream({ person: creator });
    expect(late.response.statusCode).toBe(503);
    expect((await nereid().client.receive(creator)).results.messages).toMatchObject([
      { msg: 'one' },
    ]);
  });

  it('comes when the storage is away, and tells the client to come back', async () => {
    const { creator } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: creator });
    const { StorageUnavailable } = await import('../../../src/chat/failures.ts');
    nereid().backend.store.readInbox = () =>
      Promise.reject(new StorageUnavailable(new Error('away')));

    await nereid().clock.advance(3000);

    await stream.hasEnded();
    expect(lastEvent(stream)).toEqual({ retry: 2000 });
  });

  it('leaves nothing behind when the client goes', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: creator });
    const talker = await nereid().stream({ person: joiner });

    stream.abort();
    await eventually(() => nereid().parts.longPoller.size() === 1);
    talker.abort();
    await eventually(() => nereid().parts.longPoller.size() === 0);
    await eventually(() => nereid().clock.pending === 0, 'no timer is left');
    expect((await nereid().stream({ person: creator })).response.statusCode).toBe(200);
  });
});

describe('a client that does not read', () => {
  const nereid = useNereid({ environment: { RATE_LIMITS: 'off', MESSAGE_MAX_LENGTH: '2000' } });

  it('is gone after a while, and keeps what it has not got in its inbox', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const connections: Socket[] = [];
    nereid().server.on('connection', (socket: Socket) => connections.push(socket));
    const stream = await nereid().stream({ person: joiner });
    stream.response.pause();
    const [connection] = connections as [Socket];
    const text = '\u{1D11E}'.repeat(1900);
    let [most, sent] = [0, 0];

    // The buffers of the system take a few megabytes before anything stalls.
    while (nereid().parts.longPoller.size() > 0 && sent < 10_000) {
      const { status } = await nereid().client.send(creator, text, text);
      sent += status === 202 ? 2 : 0;
      most = Math.max(most, connection.writableLength);
      if (status === 429) await nereid().clock.advance(COMMENT_MS);
    }

    expect(nereid().parts.longPoller.size()).toBe(0);
    await eventually(() => connection.destroyed, 'the connection is closed');
    // Two inboxes: one that had drained into the system, and one that had not.
    expect(most).toBeLessThan(2 * 201 * 4 * 2000);
    expect((await nereid().client.receive(joiner)).results.count).toBe(200);
  }, 60_000);
});
