import { EventSource } from 'eventsource';
import type { AddressInfo } from 'node:net';
import { newToken } from '../../../src/chat/chat.ts';
import { eventually } from '../../support/eventually.ts';
import type { StreamMessage, StreamStanza } from './stream-client.ts';
import { COMMENT_MS, useNereid } from './use-nereid.ts';

describe('the stream', () => {
  const nereid = useNereid();

  it('is an event stream, by a token and by the headers', async () => {
    const { creator } = await nereid().client.quietPair();
    const token = await nereid().token(creator);

    for (const options of [{ path: `/nereid-chat/stream/${token}` }, { person: creator }]) {
      const { response } = await nereid().stream(options);
      expect(response.statusCode).toBe(200);
      expect(response.headers).toMatchObject({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
    }
  });

  it('is for participants only', async () => {
    const { creator } = await nereid().client.pair();

    const stranger = await nereid().stream({ person: { ...creator, userToken: newToken() } });
    const nobody = await nereid().stream({});

    expect([stranger.response.statusCode, nobody.response.statusCode]).toEqual([401, 401]);
  });

  it('has a message as the document says', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: joiner });
    const _id = newToken();
    await nereid().clock.advance(1234);
    const accepted = nereid().clock.now();

    await nereid().client.send(creator, { msg: 'Grüße\n„&<b>“ 🦊', _id });
    await stream.hasMessages(1);
    await nereid().clock.advance(1000);

    expect(stream.events().filter(({ id }) => id !== undefined)).toEqual([
      {
        id: _id,
        data: {
          timestamp: new Date(accepted).toISOString(),
          type: 'message',
          message: {
            subject: null,
            text: 'Grüße\n„&<b>“ 🦊',
            type: 'plain',
            language: 'en-US',
            attachments: [],
            id: _id,
            thread: creator.chatToken,
            sender: {
              objectType: 'person',
              id: `${creator.chatToken}_1`,
              displayName: 'Talker',
            },
          },
        },
      },
    ]);
  });

  it('has what was waiting, with the time at which it was accepted', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const accepted = new Date(nereid().clock.now()).toISOString();
    await nereid().client.send(joiner, 'one', 'two');
    await nereid().clock.advance(60_000);

    const stream = await nereid().stream({ person: creator });
    await stream.hasMessages(2);

    expect(stream.texts()).toEqual(['one', 'two']);
    const times = stream.events().flatMap(({ id, data }) => (id ? [data?.timestamp] : []));
    expect(times).toEqual([accepted, accepted]);
    expect(stream.messages()[0]?.sender.id).toBe(`${creator.chatToken}_2`);
  });

  it('has what the system says, as such', async () => {
    const { creator } = await nereid().client.pair();

    const stream = await nereid().stream({ person: creator });
    await stream.hasMessages(2);

    expect(stream.messages().map(({ sender }) => sender.objectType)).toEqual([
      'sfchat.system',
      'sfchat.system',
    ]);
    expect(stream.texts()[1]).toBe('Talker was successfully joined to chat');
  });

  it('begins with the presence of the talker, and tells of each change', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    await nereid().clock.advance(5000);
    const entity = `${creator.chatToken}_2`;
    const stream = await nereid().stream({ person: creator });

    const poll = nereid().client.hold(joiner);
    await eventually(() => stream.presences().length === 2);
    poll.abort();
    await eventually(() => nereid().parts.longPoller.size() === 1);
    // Who fell silent is found by the next check.
    await nereid().clock.advance(3000);
    await eventually(() => stream.presences().length === 3);

    expect(stream.presences()).toEqual([
      [{ entity, show: 'chat', available: false }],
      [{ entity, show: 'chat', available: true }],
      [{ entity, show: 'chat', available: false }],
    ]);
    expect(stream.events().filter(({ id }) => id !== undefined)).toEqual([]);
  });

  it('begins with nobody’s presence while nobody has joined', async () => {
    const creator = await nereid().client.creator();
    const stream = await nereid().stream({ person: creator });

    await nereid().client.joiner(creator);
    await stream.hasMessages(2);

    expect(stream.presences()).toEqual([
      [],
      [{ entity: `${creator.chatToken}_2`, show: 'chat', available: true }],
    ]);
  });

  it('wraps several stanzas for a client that asked for it, and a single one for nobody', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    await nereid().client.send(creator, 'one', 'two');
    const options = { person: joiner, path: '/nereid-chat/stream?envelope=1' };

    const stream = await nereid().stream(options);
    await stream.hasMessages(2);
    await nereid().client.send(creator, 'three');
    await stream.hasMessages(3);

    const [wrapped, single] = stream.events().filter(({ data }) => data !== undefined);
    expect(Object.keys(wrapped?.data ?? {})).toEqual(['timestamp', 'stanzas']);
    expect(wrapped?.data?.stanzas?.map(({ type }) => type)).toEqual([
      'presence',
      'message',
      'message',
    ]);
    expect(wrapped?.id).toBe(wrapped?.data?.stanzas?.[2]?.message?.id);
    expect(single?.data).toMatchObject({ type: 'message', message: { text: 'three' } });
  });

  it('has a comment each 15 seconds', async () => {
    const { creator } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person: creator });

    await nereid().clock.advance(COMMENT_MS - 1);
    expect(stream.comments()).toBe(0);
    for (let count = 1; count <= 3; count += 1) {
      await nereid().clock.advance(COMMENT_MS);
      await eventually(() => stream.comments() === count, `${count} comments`);
    }
  });

  it('keeps the participant present, and a chat with two streams open for its whole life', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    await nereid().stream({ person: creator });
    const stream = await nereid().stream({ person: joiner });

    for (let minutes = 0; minutes < 30; minutes += 1) await nereid().clock.advance(60_000);

    expect((await nereid().client.state(creator)).results).toMatchObject({
      status: 'ready',
      talker: { present: true },
    });
    expect(stream.presences().at(-1)?.[0]?.available).toBe(true);
  });

  it('answers HEAD without taking anybody’s place', async () => {
    const { creator: person } = await nereid().client.quietPair();
    const stream = await nereid().stream({ person });

    const { status, headers } = await nereid().ask('HEAD', 'stream', { person });

    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/event-stream',
    });
    expect(stream.response.closed).toBe(false);
  });

  it('is refused to other methods', async () => {
    const { creator: person } = await nereid().client.pair();

    for (const resource of ['stream', `stream/${newToken()}`, 'get-friends']) {
      const answer = await nereid().ask('POST', resource, { person });
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
  });

  it('is held by a browser’s EventSource, which proves what it has when it comes again', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const token = await nereid().token(joiner);
    const { port } = nereid().server.address() as AddressInfo;
    const source = new EventSource(`http://127.0.0.1:${port}/nereid-chat/stream/${token}`);
    const texts: string[] = [];
    source.addEventListener('message', ({ data }: { data: string }) => {
      const { message } = JSON.parse(data) as StreamStanza;
      if (message !== undefined) texts.push(message.text);
    });
    await new Promise((resolve) => {
      source.addEventListener('open', resolve);
    });

    await nereid().client.send(creator, 'one', 'two');
    await eventually(() => texts.length === 2);
    nereid().server.closeAllConnections();
    await nereid().client.send(creator, 'three');
    await eventually(() => texts.length === 3);
    source.close();

    expect(texts).toEqual(['one', 'two', 'three']);
    expect((await nereid().client.receive(joiner)).results.messages).toMatchObject([
      { msg: 'three' },
    ]);
  }, 15_000);
});

describe('the stream in a chat that is encrypted', () => {
  const nereid = useNereid();

  it('carries envelopes as they are', async () => {
    const { creator, joiner } = await nereid().client.quietPair({ encrypted: true });
    const envelope = `sfc1.${'A'.repeat(1195)}`;
    const stream = await nereid().stream({ person: joiner });

    await nereid().client.send(creator, envelope);
    await stream.hasMessages(1);
    const fields = { thread_id: creator.chatToken, message: envelope };
    const sent = await nereid().post('send-message', fields, joiner);

    const [message] = stream.messages() as [StreamMessage];
    expect(message).toMatchObject({ text: envelope, type: 'plain' });
    expect(sent.status).toBe(200);
    expect((await nereid().client.receive(creator)).results.messages).toMatchObject([
      { msg: envelope },
    ]);
  });
});
