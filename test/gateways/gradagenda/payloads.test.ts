import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { eventually } from '../../support/eventually.ts';
import { useService } from '../../support/test-service.ts';
import { creatorId, GradAgendaClient, gradagenda, sending } from './support.ts';

const MAX_PAYLOAD_BYTES = 4096;

const listing = (cdid: string) => ({ cdid, type: 'request-mutable-session-listing' });
const batch = (...actions: readonly unknown[]) => ({
  cdid: 'batch',
  type: 'batch-mode-action',
  actions,
});

describe('GradAgenda: payloads', () => {
  const service = useService({ environment: { ...gradagenda, RATE_LIMITS: 'off' } });

  const enterBoth = async (chat = {}) => {
    const { creator, joiner } = await service().client.quietPair(chat);
    return {
      creator,
      joiner,
      one: await GradAgendaClient.enter(service(), creator, 1),
      two: await GradAgendaClient.enter(service(), joiner, 2),
    };
  };

  /** An action of exactly so many bytes. */
  const actionOf = (bytes: number): string => {
    const empty = JSON.stringify({ ...listing('c'), x: '' }).length;
    return JSON.stringify({ ...listing('c'), x: 'x'.repeat(bytes - empty) });
  };

  it.each<[string, number, (client: GradAgendaClient) => void]>([
    [
      'binary',
      1003,
      ({ socket }) => {
        socket.send(Buffer.from('{}'));
      },
    ],
    [
      'empty',
      1007,
      (client) => {
        client.say('');
      },
    ],
    [
      'no JSON',
      1007,
      (client) => {
        client.say('{"cdid":');
      },
    ],
    [
      'two of JSON',
      1007,
      (client) => {
        client.say('{}{}');
      },
    ],
    [
      'no UTF-8',
      1007,
      ({ socket }) => {
        socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
      },
    ],
    [
      'half a character',
      1007,
      ({ socket }) => {
        socket.send(Buffer.from([0x22, 0xf0, 0x9f, 0x22]), { binary: false });
      },
    ],
    [
      'a list',
      1008,
      (client) => {
        client.say('[]');
      },
    ],
    [
      'a text',
      1008,
      (client) => {
        client.say('"authenticate"');
      },
    ],
    [
      'null',
      1008,
      (client) => {
        client.say('null');
      },
    ],
    [
      'larger than 4 KB',
      1009,
      (client) => {
        client.say(actionOf(MAX_PAYLOAD_BYTES + 1));
      },
    ],
    [
      'larger than 4 KB in pieces',
      1009,
      ({ socket }) => {
        const text = actionOf(MAX_PAYLOAD_BYTES + 1);
        socket.send(text.slice(0, 3000), { fin: false });
        socket.send(text.slice(3000));
      },
    ],
    [
      'pieces without end',
      1009,
      ({ socket }) => {
        for (let piece = 0; piece < 5; piece += 1) socket.send('x'.repeat(1000), { fin: false });
      },
    ],
  ])('closes for a payload that is %s with %i', async (_what, code, speak) => {
    const { one } = await enterBoth();

    speak(one);

    expect((await one.closed).code).toBe(code);
  });

  it('takes a payload of 4 KB, in one piece or in many', async () => {
    const { one } = await enterBoth();
    const text = actionOf(MAX_PAYLOAD_BYTES);

    one.say(text);
    one.socket.send(text.slice(0, 1), { fin: false });
    one.socket.send('', { fin: false });
    one.socket.send(text.slice(1));

    await eventually(() => one.actions.length === 2);
    expect(one.actions).toMatchObject([{ cdid: 'c' }, { cdid: 'c' }]);
  });

  it('carries out what came before a payload for which it closes', async () => {
    const { creator, joiner, one } = await enterBoth();

    one.say({ cdid: 'c', ...sending(creator.chatToken, 'just in time') });
    one.socket.send(Buffer.from('binary'));

    expect((await one.closed).code).toBe(1003);
    const { results } = await service().client.receive(joiner);
    expect(results.messages.length + one.actions.length).toBeGreaterThan(0);
    expect(one.actions).toMatchObject([{ cdid: 'c', type: 'message-broadcast' }]);
  });

  it('carries out the actions of a connection in their order', async () => {
    const { creator, one, two } = await enterBoth();
    const texts = Array.from({ length: 60 }, (_, index) => `text ${index}`);

    for (const text of texts) one.say({ cdid: text, ...sending(creator.chatToken, text) });
    await Promise.all([one.text('text 59'), two.text('text 59')]);

    expect(one.textsFrom(creatorId(creator))).toEqual(texts);
    expect(two.textsFrom(creatorId(creator))).toEqual(texts);
  });

  it('carries out a batch as if its actions had come one by one', async () => {
    const { creator, one, two } = await enterBoth();

    one.say(
      batch(
        { cdid: '1', ...sending(creator.chatToken, 'first') },
        { cdid: '2', type: 'nothing' },
        { cdid: '3', ...sending(creator.chatToken, ' ') },
        { cdid: '4', ...sending(creator.chatToken, 'second') },
        listing('5'),
      ),
    );
    await one.answerTo('5');
    await two.text('second');

    expect(one.actions.map(({ cdid, type }) => [cdid, type])).toEqual([
      ['1', 'message-broadcast'],
      ['2', 'status-response'],
      ['3', 'status-response'],
      ['4', 'message-broadcast'],
      ['5', 'providing-session-info'],
    ]);
    expect(two.textsFrom(creatorId(creator))).toEqual(['first', 'second']);
  });

  it('takes twenty actions in a batch, and none of more', async () => {
    const { one } = await enterBoth();
    const actions = Array.from({ length: 21 }, (_, index) => listing(`in ${index}`));

    one.say(batch(...actions.slice(0, 20)));
    await one.answerTo('in 19');
    one.say({ ...batch(...actions), cdid: 'too many' });
    const refused = await one.answerTo('too many');

    expect(one.actions).toHaveLength(21);
    expect(refused).toMatchObject({
      status: 'failed',
      message: 'actions is a list of 20 objects at the most',
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['a batch in it', [listing('x'), batch(listing('y'))], /not in a batch/],
    ['no objects in it', [listing('x'), 'y'], /list of 20 objects/],
    ['no list', { 0: listing('x') }, /list of 20 objects/],
  ])('does nothing of a batch with %s', async (_what, actions, reason) => {
    const { one } = await enterBoth();

    const answer = await one.ask({ ...batch(), actions });

    expect(answer).toMatchObject({ type: 'status-response', status: 'failed' });
    expect(answer.message).toMatch(reason);
    await one.settled();
    expect(one.actions).toHaveLength(1);
  });

  it('does nothing for an empty batch', async () => {
    const { one } = await enterBoth();

    one.say(batch());
    await one.settled();

    expect(one.actions).toEqual([]);
  });

  it('says what is due at once in batches, each under 4 KB', async () => {
    const { creator, joiner } = await service().client.quietPair({ encrypted: true });
    const envelopes = Array.from({ length: 60 }, (_, index) =>
      `${index}.`.padEnd(20 * (index % 58) + 10, 'e'),
    );
    for (const envelope of envelopes) await service().client.send(creator, envelope);

    const two = await GradAgendaClient.enter(service(), joiner, 2);
    await two.text(envelopes.at(-1)!);

    expect(two.textsFrom(creatorId(creator))).toEqual(envelopes);
    const batches = two.payloads;
    expect(batches.length).toBeLessThan(30);
    for (const payload of batches) {
      expect(Buffer.byteLength(payload)).toBeLessThan(MAX_PAYLOAD_BYTES);
      const { type, actions } = JSON.parse(payload) as { type: string; actions: unknown[] };
      if (type !== 'batch-mode-action') continue;
      expect(actions.length).toBeGreaterThan(1);
    }
  });

  it('answers each of 10,000 broken payloads in its own words and goes on', async () => {
    const { creator, joiner, one, two } = await enterBoth();
    const types = [
      'authenticate',
      'request-direct-session-info',
      'request-mutable-session-creation',
      'request-mutable-session-modification',
      'request-mutable-session-deletion',
      'request-sending-a-message',
      'batch-mode-action',
      'status-response',
    ];
    const broken = fc
      .sample(
        fc.record(
          {
            cdid: fc.oneof(
              fc.constant('c'),
              fc.string({ maxLength: 20 }),
              fc.jsonValue({ maxDepth: 1 }),
            ),
            type: fc.oneof(fc.constantFrom(...types), fc.jsonValue({ maxDepth: 1 })),
            'user-id': fc.jsonValue({ maxDepth: 2 }),
            'session-id': fc.oneof(fc.constant('not this one'), fc.jsonValue({ maxDepth: 1 })),
            message: fc.jsonValue({ maxDepth: 2 }),
            'sender-timestamp': fc.jsonValue({ maxDepth: 1 }),
            actions: fc.jsonValue({ maxDepth: 2 }),
          },
          { requiredKeys: [] },
        ),
        { numRuns: 10_000, seed: 7 },
      )
      .map((action) => JSON.stringify(action));
    const small = broken.filter((text) => Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES);

    for (const [index, text] of small.entries()) {
      one.say(text);
      if (index % 500 === 499) await one.settled();
    }
    await one.settled();
    await one.send(creator, 'and yet it works');
    await two.text('and yet it works');

    const answers = one.actions.slice(0, -1);
    const other = answers.filter(
      ({ type, status }) => type !== 'status-response' || status !== 'failed',
    );
    expect(small.length).toBeGreaterThan(9900);
    // A list of no actions is a batch of nothing, and has no answer.
    expect(answers.length).toBeGreaterThan(9900);
    expect(other).toEqual([]);
    expect((await service().client.state(creator)).results.status).toBe('ready');
    await two.settled();
    expect((await service().client.receive(joiner)).results.messages).toEqual([]);
  }, 60_000);

  it('closes each of 200 connections for bytes that are no WebSocket, and crashes for none', async () => {
    const samples = fc.sample(fc.uint8Array({ minLength: 2, maxLength: 200 }), {
      numRuns: 200,
      seed: 3,
    });
    for (const bytes of samples) {
      const client = await GradAgendaClient.connect(service());
      // Past the client's own framing. The two highest reserved bits are against the rules always.
      const { _socket: raw } = client.socket as unknown as { _socket: NodeJS.WritableStream };
      raw.write(Buffer.from([0xff, ...bytes]));
      expect((await client.closed).code).toBe(1002);
    }
    const { one } = await enterBoth();
    await one.settled();
  }, 30_000);

  it('does not read on for a client that does not read its answers', async () => {
    const { creator } = await service().client.quietPair();
    const accepted = once(service().server, 'connection') as Promise<[Socket]>;
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const [server] = await accepted;
    const { _socket: client } = one.socket as unknown as { _socket: Socket };
    client.pause();
    const text = JSON.stringify(listing('c'.repeat(3900)));
    // Far more than all buffers between the two can hold.
    for (let times = 0; times < 10_000; times += 1) one.socket.send(text);
    let most = 0;
    let last = -1;
    await eventually(() => {
      most = Math.max(most, server.writableLength);
      const isStanding = server.bytesRead === last && most > 0;
      last = server.bytesRead;
      return isStanding;
    });

    expect(most).toBeLessThan(200_000);
    expect(client.writableLength).toBeGreaterThan(10_000_000);
    one.socket.terminate();
  });
});
