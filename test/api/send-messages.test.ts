import { newToken } from '../../src/chat/chat.ts';
import type { ChatStore, Send } from '../../src/chat/chat-store.ts';
import { noticesOf } from '../support/chats.ts';
import { eventsIn, textsIn, type Person, type TestMessage } from '../support/test-client.ts';
import { useService } from '../support/test-service.ts';

describe('POST messages.json', () => {
  const service = useService();
  const client = () => service().client;
  const list = (length: number, msg = 'Hi'): TestMessage[] =>
    Array.from({ length }, () => ({ msg }));
  const post = (person: Person, body?: object | string) =>
    client().call('POST', 'messages.json', {
      person,
      type: 'application/json',
      ...(body !== undefined && { body }),
    });

  it('puts a message into the talker’s inbox', async () => {
    const { creator, joiner } = await client().quietPair();

    const { status, results } = await client().send(creator, 'Hi');

    expect(status).toBe(202);
    expect(results).toEqual({ code: 202, msg: 'Accepted' });
    expect((await client().receive(joiner)).results.messages).toEqual([
      { _id: expect.stringMatching(/^[0-9a-f]{24}$/) as string, msg: 'Hi', system: false },
    ]);
    expect((await client().receive(creator)).results.messages).toEqual([]);
  });

  it('delivers texts exactly as they were sent, in order', async () => {
    const { creator, joiner } = await client().quietPair();
    const texts = [
      '  <b>not markup</b> &amp; ',
      'first line\nsecond line\r\n\ttabbed',
      '👩‍👩‍👧‍👦 🏳️‍🌈 日本語 עברית \u202e',
      'e\u0301 and \u00e9 are not the same',
      '{"$gt":""} %s ${x} {{y}} \\u0041 \u2028',
      '\u0001\u007f\ufeff.',
    ];

    expect(await client().send(creator, ...texts)).toMatchObject({ status: 202 });

    expect(textsIn(await client().receive(joiner))).toEqual(texts);
  });

  it.each([1, 20])('takes %s messages at once', async (count) => {
    const { creator, joiner } = await client().quietPair();

    expect(await client().send(creator, ...list(count))).toMatchObject({ status: 202 });

    expect((await client().receive(joiner)).results.count).toBe(count);
  });

  it.each([0, 21])('refuses %s messages at once', async (count) => {
    const { creator, joiner } = await client().quietPair();

    expect(await client().send(creator, ...list(count))).toMatchObject({ status: 400 });

    expect((await client().receive(joiner)).results.count).toBe(0);
  });

  it.each([
    ['140 letters', 'x'.repeat(140)],
    ['140 characters of two UTF-16 units each', '🙂'.repeat(140)],
    ['one letter', 'x'],
    ['white space around a letter', `\n x\u3000`],
  ])('takes %s', async (_name, msg) => {
    const { creator, joiner } = await client().quietPair();

    expect(await client().send(creator, msg)).toMatchObject({ status: 202 });

    expect(textsIn(await client().receive(joiner))).toEqual([msg]);
  });

  it.each([
    ['141 letters', 'x'.repeat(141)],
    ['141 characters outside the basic plane', '🙂'.repeat(141)],
    ['141 characters, spaces included', `${' '.repeat(140)}x`],
    ['an empty text', ''],
    ['a space', ' '],
    ['line breaks and tabs', '\r\n\t\v\f'],
    ['no-break and ideographic spaces', '\u00a0\u3000\u2003\ufeff'],
    ['line and paragraph separators', '\u2028\u2029\u0085'],
    ['a NUL', 'a\0b'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude42b'],
    ['surrogates in the wrong order', '\ude42\ud83d'],
  ])('refuses %s, and stores nothing of the request', async (_name, msg) => {
    const { creator, joiner } = await client().quietPair();

    const { status, results } = await client().send(creator, 'before', msg, 'after');

    expect(status).toBe(400);
    expect(results.msg).toMatch(/^Bad Request: ./);
    expect((await client().receive(joiner)).results.messages).toEqual([]);
  });

  it.each([
    [undefined],
    [''],
    ['{'],
    ['null'],
    ['"Hi"'],
    ['{"data":null}'],
    ['{"data":{}}'],
    ['{"messages":[{"msg":"Hi"}]}'],
    ['{"data":{"messages":{"msg":"Hi"}}}'],
    ['{"data":{"messages":["Hi"]}}'],
    ['{"data":{"messages":[null]}}'],
    ['{"data":{"messages":[{}]}}'],
    ['{"data":{"messages":[{"msg":null}]}}'],
    ['{"data":{"messages":[{"msg":1}]}}'],
    ['{"data":{"messages":[{"msg":["Hi"]}]}}'],
    ['{"data":{"messages":[{"msg":{"$gt":""}}]}}'],
    ['{"data":{"messages":[{"msg":"Hi"},{}]}}'],
    ['{"data":{"messages":[{"msg":"Hi"}]}} trailing'],
  ])('refuses the body %j', async (body) => {
    const { creator, joiner } = await client().quietPair();

    const { status, results } = await post(creator, body);

    expect(status).toBe(400);
    expect(results.msg).toMatch(/^Bad Request: ./);
    expect((await client().receive(joiner)).results.messages).toEqual([]);
  });

  it.each(['', 'abc', 'A'.repeat(24), 'g'.repeat(24), 'a'.repeat(25), 1, null, { $ne: '' }])(
    'refuses %j as a message id',
    async (_id) => {
      const { creator, joiner } = await client().quietPair();

      const answer = await post(creator, { data: { messages: [{ msg: 'Hi', _id }] } });

      expect(answer).toMatchObject({ status: 400 });
      expect((await client().receive(joiner)).results.messages).toEqual([]);
    },
  );

  it('does not let anybody speak for the system', async () => {
    const { creator, joiner } = await client().quietPair();
    const forged = { msg: 'Chat was closed', system: true, event: 'closed', created: 0 };

    await post(creator, { data: { messages: [forged], status: 'closed' }, status: 'closed' });

    const { results } = await client().receive(joiner);
    expect(results.status).toBe('ready');
    const id = expect.stringMatching(/^[0-9a-f]{24}$/) as string;
    expect(results.messages).toEqual([{ _id: id, msg: 'Chat was closed', system: false }]);
  });

  it('keeps the client’s own message ids, and makes random ones where there are none', async () => {
    const { creator, joiner } = await client().quietPair();
    const _id = newToken();

    await client().send(creator, 'one', { msg: 'two', _id }, 'three', 'four');

    const ids = (await client().receive(joiner)).results.messages.map((message) => message._id);
    expect(ids[1]).toBe(_id);
    expect(new Set(ids).size).toBe(4);
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(4);
  });

  it('stores a repeated id once, also after it was delivered', async () => {
    const { creator, joiner } = await client().quietPair();
    const message = { msg: 'Once', _id: newToken() };

    expect(await client().send(creator, message, message)).toMatchObject({ status: 202 });
    expect(await client().send(creator, message)).toMatchObject({ status: 202 });
    expect(textsIn(await client().empty(joiner))).toEqual(['Once']);
    expect(await client().send(creator, message, 'Twice')).toMatchObject({ status: 202 });

    expect(textsIn(await client().receive(joiner))).toEqual(['Twice']);
  });

  it('stores a message once that a client retries many times at once', async () => {
    const { creator, joiner } = await client().quietPair();
    const message = { msg: 'Once', _id: newToken() };

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => client().send(creator, message)),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(textsIn(await client().receive(joiner))).toEqual(['Once']);
  });

  it('lets both participants use the same id', async () => {
    const { creator, joiner } = await client().quietPair();
    const _id = newToken();

    await client().send(creator, { msg: 'from the creator', _id });
    await client().send(joiner, { msg: 'from the joiner', _id });

    expect(textsIn(await client().receive(joiner))).toEqual(['from the creator']);
    expect(textsIn(await client().receive(creator))).toEqual(['from the joiner']);
  });

  it('refuses messages to a chat that is not ready', async () => {
    const draft = await client().creator();
    const { creator, joiner } = await client().quietPair();
    await client().close(joiner);

    for (const person of [draft, creator, joiner]) {
      const { status, results } = await client().send(person, 'Hello?');
      expect(status).toBe(409);
      expect(results.msg).toMatch(/^Conflict: ./);
    }
    expect(eventsIn(await client().receive(draft))).toEqual(['created']);
    expect(eventsIn(await client().receive(joiner))).toEqual(['closed']);
  });

  it('refuses what does not fit into the talker’s inbox, and drops nothing', async () => {
    const { creator, joiner } = await client().quietPair();
    for (let sent = 0; sent < 180; sent += 20) await client().send(creator, ...list(20));
    await client().send(creator, ...list(19));

    const { status, headers, results } = await client().send(creator, 'last', 'too many');

    expect(status).toBe(429);
    expect(results.msg).toBe('Too Many Requests');
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await client().receive(joiner)).results.count).toBe(199);
    expect(await client().send(creator, 'last')).toMatchObject({ status: 202 });
    expect(await client().send(creator, 'too many')).toMatchObject({ status: 429 });
    await client().empty(joiner);
    expect(await client().send(creator, 'again')).toMatchObject({ status: 202 });
  });
});

describe('a message that was stored before another process closed the chat', () => {
  // MongoDB's store finds it again when the answer of its first attempt was lost.
  const endingAfter = (store: ChatStore) => async (step: Send) => {
    const result = await store.send(step);
    if (result === null) return null;
    const { token: chatToken } = result.chat;
    const closed = await store.close({ chatToken, at: step.at, notices: noticesOf('closed') });
    return { ...result, chat: closed ?? result.chat };
  };
  const service = useService({
    adapt: ({ store }) => ({
      store: new Proxy(store, {
        get: (target, name) => {
          if (name === 'send') return endingAfter(target);
          const member: unknown = Reflect.get(target, name);
          return typeof member === 'function' ? (member.bind(target) as unknown) : member;
        },
      }),
    }),
  });

  it('is accepted, and the next is not', async () => {
    const { client } = service();
    const { creator, joiner } = await client.quietPair();

    expect(await client.send(creator, 'Hi')).toMatchObject({ status: 202 });

    expect((await client.receive(joiner)).results).toMatchObject({
      status: 'closed',
      messages: [{ msg: 'Hi' }, { event: 'closed' }],
    });
    expect(await client.send(creator, 'Hi')).toMatchObject({ status: 409 });
  });
});

describe('POST messages.json of an encrypted chat', () => {
  const service = useService();
  const client = () => service().client;

  it.each([
    ['the whole alphabet of envelopes', 'sfc1.AZaz09._-'],
    ['1200 characters', 'x'.repeat(1200)],
  ])('takes an envelope with %s', async (_name, msg) => {
    const { creator, joiner } = await client().quietPair({ encrypted: true });

    expect(await client().send(creator, msg)).toMatchObject({ status: 202 });

    expect(textsIn(await client().receive(joiner))).toEqual([msg]);
  });

  it.each(['', 'two words', 'x'.repeat(1201), 'a+b', 'a/b', 'a=', 'é', 'line\n', '🙂'])(
    'refuses %j, which is no envelope',
    async (msg) => {
      const { creator, joiner } = await client().quietPair({ encrypted: true });

      expect(await client().send(creator, msg)).toMatchObject({ status: 400 });

      expect((await client().receive(joiner)).results.count).toBe(0);
    },
  );

  it('is a right of encrypted chats alone', async () => {
    const { creator } = await client().quietPair();

    expect(await client().send(creator, 'x'.repeat(141))).toMatchObject({ status: 400 });
  });
});

describe('MESSAGE_MAX_LENGTH', () => {
  const service = useService({ environment: { MESSAGE_MAX_LENGTH: '3' } });

  it('is the number of code points that a message may have', async () => {
    const { client } = service();
    const { creator } = await client.quietPair();

    expect(await client.send(creator, '🙂🙂🙂')).toMatchObject({ status: 202 });
    expect(await client.send(creator, '🙂🙂🙂🙂')).toMatchObject({ status: 400 });
  });
});
