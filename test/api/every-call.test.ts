import { gzipSync } from 'node:zlib';
import { newToken } from '../../src/chat/chat.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import { sendBytes } from '../support/bytes.ts';
import { eventsIn, textsIn, type Method, type Person } from '../support/test-client.ts';
import { useFreshService, useService } from '../support/test-service.ts';

const operations: [Method, string][] = [
  ['POST', 'chat.json'],
  ['PUT', 'chat.json'],
  ['GET', 'chat.json'],
  ['DELETE', 'chat.json'],
  ['GET', 'messages.json?longPolling=false'],
  ['POST', 'messages.json'],
  ['DELETE', 'messages.json'],
];

/** What only a participant may do. */
const authenticated = operations.slice(2);

const bodyFor = (method: Method, resource: string): { body?: object } => {
  if (method === 'POST' && resource === 'messages.json') {
    return { body: { data: { messages: [{ msg: 'Hi' }] } } };
  }
  if (method === 'DELETE' && resource === 'messages.json') {
    return { body: { data: { messages: [{ _id: newToken() }] } } };
  }
  return {};
};

describe('the two forms of an address', () => {
  const service = useService();

  it.each(['/api/v1', '/api'])('lead to the same chat: %s', async (base) => {
    const client = service().client.at(base);
    const { creator, joiner } = await client.quietPair();

    await client.send(creator, 'Hi');
    expect(textsIn(await client.empty(joiner))).toEqual(['Hi']);
    expect((await service().client.state(creator)).results.status).toBe('ready');
    expect(await client.close(creator)).toMatchObject({ status: 202 });
  });

  it.each(['/api/v1', '/api'])('take the version that is theirs in a header: %s', async (base) => {
    const answer = await service()
      .client.at(base)
      .call('POST', 'chat.json', { headers: { 'X-SFC-VERSION': 'v1' } });

    expect(answer).toMatchObject({ status: 201 });
  });

  it.each(operations)('refuse a version that is unknown: %s %s', async (method, resource) => {
    const person = await service().client.creator();
    for (const base of ['/api/v1', '/api']) {
      for (const version of ['v2', 'V1', '1', 'v1, v1']) {
        const { status, results } = await service()
          .client.at(base)
          .call(method, resource, { person, headers: { 'X-SFC-VERSION': version } });

        expect(status).toBe(404);
        expect(results).toEqual({ code: 404, msg: 'Not Found' });
      }
    }
  });

  it.each(['/', '/chat', '/healthz', '/metrics', '/api/docs', '/api/v1/openapi.json', '/nowhere'])(
    'refuse a version that is unknown on any path: %s',
    async (path) => {
      const { status } = await service().client.raw('GET', path, {
        headers: { 'X-SFC-VERSION': 'v9' },
      });

      expect(status).toBe(404);
    },
  );
});

describe('every resource', () => {
  const service = useService();
  const client = () => service().client;

  it.each<[string, Method[], string]>([
    ['chat.json', ['OPTIONS'], 'DELETE, GET, HEAD, PATCH, POST, PUT'],
    ['messages.json', ['PUT', 'PATCH', 'OPTIONS'], 'DELETE, GET, HEAD, POST'],
    ['openapi.json', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'], 'GET, HEAD'],
  ])('%s answers 501 and says what it offers: %s', async (resource, methods, allowed) => {
    const { creator } = await client().pair();
    for (const base of ['/api/v1', '/api']) {
      for (const method of methods) {
        const answer = await client().at(base).call(method, resource, { person: creator });

        expect(answer.status).toBe(501);
        expect(answer.results).toEqual({ code: 501, msg: 'Not Implemented' });
        const allow = (answer.headers['allow'] ?? '').split(', ');
        expect(allow.toSorted().join(', ')).toBe(allowed);
      }
    }
  });

  it.each([
    '/api',
    '/api/',
    '/api/v1',
    '/api/v1/',
    '/api/v2/chat.json',
    '/api/v1/chat',
    '/api/v1/Chat.json',
    '/api/v1/chat.json/',
    '/api/v1/chat.json/x',
    '/api/v1/../../etc/passwd',
    '/api/v1/%00',
    '/api/constructor',
  ])('that does not exist is a JSON 404 for any method: %s', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const) {
      const { status, results } = await client().at('').call(method, path.slice(1));

      expect(status).toBe(404);
      expect(results).toEqual({ code: 404, msg: 'Not Found' });
    }
  });

  it('refuses a path that is no UTF-8, without HTML', async () => {
    const { status } = await client().at('').call('GET', 'api/v1/%E0%A4%A');

    expect([400, 404]).toContain(status);
  });

  it('does not say what it runs on', async () => {
    const { headers } = await client().create();

    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it.each([
    ['x-sfc-chattoken', 'x-sfc-usertoken'],
    ['X-SFC-CHATTOKEN', 'X-SFC-USERTOKEN'],
    ['X-SFC-chatToken', 'X-SFC-userToken'],
  ])('takes the tokens in headers of any case: %s', async (chatHeader, userHeader) => {
    const { chatToken, userToken } = await client().creator();

    const { status } = await client().call('GET', 'chat.json', {
      headers: { [chatHeader]: chatToken, [userHeader]: userToken },
    });

    expect(status).toBe(200);
  });

  it('takes the tokens nowhere else', async () => {
    const { chatToken, userToken } = await client().creator();
    const query = `?X-SFC-chatToken=${chatToken}&X-SFC-userToken=${userToken}`;
    const cookie = `X-SFC-chatToken=${chatToken}; X-SFC-userToken=${userToken}`;

    const answer = await client().call('GET', `chat.json${query}&longPolling=false`, {
      headers: { Cookie: cookie },
    });

    expect(answer).toMatchObject({ status: 401 });
  });
});

describe('CHAT_TOKEN_HEADER and USER_TOKEN_HEADER', () => {
  const service = useService({
    environment: { CHAT_TOKEN_HEADER: 'X-Room', USER_TOKEN_HEADER: 'X-Key' },
  });

  it('name the headers that carry the tokens, and only these', async () => {
    const { client } = service();
    const { results } = await client.create();
    const own = { 'X-Room': results.chatToken, 'X-Key': results.userToken };

    expect(await client.call('GET', 'chat.json', { headers: own })).toMatchObject({ status: 200 });
    expect(await client.state(results)).toMatchObject({ status: 401 });
    expect(await client.join(results.chatToken)).toMatchObject({ status: 404 });
    const join = await client.call('PUT', 'chat.json', {
      headers: { 'X-Room': results.chatToken },
    });
    expect(join).toMatchObject({ status: 200 });
  });
});

describe('a stranger', () => {
  const service = useService();
  const client = () => service().client;

  /** Every way to have the wrong tokens. */
  const strangers = async (): Promise<Record<string, Partial<Person>>> => {
    const { creator, joiner } = await client().pair();
    const other = await client().pair();
    const removed = await client().quietPair();
    await client().close(removed.creator);
    await client().empty(removed.creator);
    await client().empty(removed.joiner);
    const deleted = await client().pair();
    await service().backend.store.remove(deleted.creator.chatToken, service().clock.now());
    return {
      'no tokens': {},
      'no user token': { chatToken: creator.chatToken },
      'no chat token': { userToken: creator.userToken },
      'an empty user token': { chatToken: creator.chatToken, userToken: '' },
      'a malformed user token': { chatToken: creator.chatToken, userToken: 'x' },
      'a malformed chat token': { chatToken: '../chats', userToken: creator.userToken },
      'an upper-case user token': {
        chatToken: creator.chatToken,
        userToken: creator.userToken.toUpperCase().replace(/^\d/, 'A'),
      },
      'an unknown user token': { chatToken: creator.chatToken, userToken: newToken() },
      'an unknown chat token': { chatToken: newToken(), userToken: creator.userToken },
      'the user token of another chat': {
        chatToken: creator.chatToken,
        userToken: other.joiner.userToken,
      },
      'the chat token as user token': {
        chatToken: creator.chatToken,
        userToken: creator.chatToken,
      },
      'exchanged tokens': { chatToken: joiner.userToken, userToken: joiner.chatToken },
      'the tokens of both': {
        chatToken: creator.chatToken,
        userToken: `${creator.userToken}, ${joiner.userToken}`,
      },
      'the tokens of a chat that both have left': removed.creator,
      'the tokens of a chat that was removed': deleted.joiner,
    };
  };

  it.each(authenticated)('learns nothing from a refusal: %s %s', async (method, resource) => {
    const answers = new Set<string>();
    for (const person of Object.values(await strangers())) {
      const answer = await client().call(method, resource, {
        person,
        ...bodyFor(method, resource),
      });
      const { date: _date, ...headers } = answer.headers;
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'SFChat' } });
      answers.add(JSON.stringify([answer.text, headers]));
    }

    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain(
      '{\\"results\\":{\\"code\\":401,\\"msg\\":\\"Unauthorized\\"}}',
    );
  });

  it('is refused before a body is looked at', async () => {
    const answer = await client().call('POST', 'messages.json', { body: '{', type: 'text/plain' });

    expect(answer).toMatchObject({ status: 401 });
  });

  it('has no part in a held poll', async () => {
    expect(
      await client().hold({ chatToken: newToken(), userToken: newToken() }).answer,
    ).toMatchObject({ status: 401 });
    await service().held(0);
  });
});

describe('a body', () => {
  const service = useService();
  const client = () => service().client;
  const text = '{"data":{"messages":[{"msg":"Hi"}]}}';
  const LIMIT = 16 * 1024;
  const post = async (
    body: Buffer | string,
    headers: Readonly<Record<string, string>> = {},
    { type = 'application/json', chunked = false } = {},
  ) => {
    const { creator, joiner } = await client().quietPair();
    const answer = await sendBytes(service().server, {
      method: 'POST',
      path: '/api/v1/messages.json',
      headers: {
        'X-SFC-chatToken': creator.chatToken,
        'X-SFC-userToken': creator.userToken,
        ...(type !== '' && { 'Content-Type': type }),
        ...headers,
      },
      body: Buffer.from(body),
      chunked,
    });
    const { results } = JSON.parse(answer.text) as { results: { code: number; msg: string } };
    expect(results.code).toBe(answer.status);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    return { ...results, stored: (await client().receive(joiner)).results.count };
  };
  const accepted = { code: 202, msg: 'Accepted', stored: 1 };
  const tooLarge = { code: 413, msg: 'Payload Too Large', stored: 0 };
  const wrongType = { code: 415, msg: 'Unsupported Media Type', stored: 0 };
  const malformed = { code: 400, stored: 0 };

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
  ])('is %s', async (type) => {
    expect(await post(text, {}, { type })).toEqual(accepted);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json5',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/json; charset=nonsense',
  ])('is not %s', async (type) => {
    expect(await post(text, {}, { type })).toEqual(wrongType);
  });

  it('has a type', async () => {
    expect(await post(text, {}, { type: '' })).toEqual(wrongType);
  });

  it('has at most 16 KiB, and 16 KiB exactly', async () => {
    expect(await post(text.padEnd(LIMIT))).toEqual(accepted);
    expect(await post(text.padEnd(LIMIT + 1))).toEqual(tooLarge);
    expect(await post(text.padEnd(50 * LIMIT))).toEqual(tooLarge);
  });

  it('has at most 16 KiB also when its length is not announced', async () => {
    const chunked = { chunked: true };

    expect(await post(text.padEnd(LIMIT), {}, chunked)).toEqual(accepted);
    expect(await post(text.padEnd(LIMIT + 1), {}, chunked)).toEqual(tooLarge);
  });

  it('counts with its size as it was before it was compressed', async () => {
    const gzip = { 'Content-Encoding': 'gzip' };

    expect(await post(gzipSync(text.padEnd(LIMIT)), gzip)).toEqual(accepted);
    expect(await post(gzipSync(text.padEnd(LIMIT + 1)), gzip)).toEqual(tooLarge);
    expect(await post(gzipSync(text.padEnd(1000 * LIMIT)), gzip)).toEqual(tooLarge);
  });

  it('is compressed as it says', async () => {
    expect(await post(text, { 'Content-Encoding': 'gzip' })).toMatchObject(malformed);
    const broken = gzipSync(text).subarray(0, 20);
    expect(await post(broken, { 'Content-Encoding': 'gzip' })).toMatchObject(malformed);
    expect(await post(text, { 'Content-Encoding': 'snappy' })).toEqual(wrongType);
  });

  it.each([
    ['a byte that UTF-8 never has', [0xff]],
    ['half a character', [0xc3]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0xbd]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('is UTF-8, which %s is not', async (_name, bytes) => {
    const [before, after] = text.split('Hi') as [string, string];
    const body = Buffer.concat([
      Buffer.from(`${before}Hi`),
      Buffer.from(bytes),
      Buffer.from(after),
    ]);

    expect(await post(body)).toMatchObject(malformed);
  });

  it.each(['\\ud83d', '\\ude42', '\\ud83d\\ud83d', '\\u0000'])(
    'has texts that are well-formed, which %s is not',
    async (escaped) => {
      expect(await post(text.replace('Hi', `Hi${escaped}`))).toMatchObject(malformed);
    },
  );

  it('may escape what it likes otherwise', async () => {
    expect(await post(text.replace('Hi', '\\ud83d\\ude42\\u0048'))).toEqual(accepted);
  });

  it('is no trap, however deep it goes', async () => {
    expect(await post('['.repeat(LIMIT))).toMatchObject(malformed);
    expect(await post(`${'['.repeat(LIMIT / 2)}${']'.repeat(LIMIT / 2)}`)).toMatchObject(malformed);
    expect(await post('{"data":'.repeat(1500) + '1' + '}'.repeat(1500))).toMatchObject(malformed);
  });

  it('cannot reach into the server’s own objects', async () => {
    const body = '{"__proto__":{"data":{"messages":[{"msg":"Hi"}]}},"constructor":{}}';

    expect(await post(body)).toMatchObject(malformed);
    expect(({} as Record<string, unknown>)['data']).toBeUndefined();
  });
});

describe('GET and HEAD', () => {
  const service = useService();
  const client = () => service().client;

  it('HEAD answers like GET, without a body and without waiting', async () => {
    const { creator } = await client().quietPair();

    for (const path of ['/api/v1/chat.json', '/api/v1/messages.json', '/api/messages.json']) {
      const answer = await client().raw('HEAD', path, { person: creator });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
      expect(answer.text).toBeFalsy();
    }
    expect((await client().raw('HEAD', '/api/v1/chat.json')).status).toBe(401);
  });

  it('create, join, use up and delete nothing', async () => {
    const { store } = service().backend;
    const creator = await client().creator();
    const { joiner } = { joiner: await client().joiner(await client().creator()) };
    const before = await store.countByStatus();
    const paths = [
      '/',
      '/chat',
      `/chat?chatToken=${creator.chatToken}`,
      `/${creator.chatToken}`,
      '/api/chat.json',
      '/api/v1/chat.json',
      '/api/v1/messages.json?longPolling=false',
    ];

    for (const path of paths) {
      for (const method of ['GET', 'HEAD'] as const) {
        for (const person of [{}, { chatToken: creator.chatToken }, creator, joiner]) {
          await client().raw(method, path, { person });
        }
      }
    }

    expect(await store.countByStatus()).toEqual(before);
    expect(eventsIn(await client().receive(creator))).toEqual(['created']);
    expect(eventsIn(await client().receive(joiner))).toEqual(['ready']);
    expect(await client().join(creator.chatToken)).toMatchObject({ status: 200 });
  });
});

describe('a store that fails', () => {
  const SECRET = 'table chats at 10.0.0.7 is on fire';
  let failure: Error | null = null;
  /** Whether it throws at once, and gives no promise that rejects. */
  let isImmediate = false;
  const service = useFreshService({
    adapt: ({ store }) => ({ store: failing(store, () => failure) }),
  });
  const client = () => service().client;

  afterEach(() => {
    failure = null;
    isImmediate = false;
  });

  /** A store whose every operation fails while there is a failure. */
  const failing = (store: ChatStore, current: () => Error | null): ChatStore =>
    new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || name === 'disconnect') {
          return typeof member === 'function' ? (member.bind(target) as unknown) : member;
        }
        return (...args: unknown[]): unknown => {
          const error = current();
          if (error === null) return Reflect.apply(member, target, args) as unknown;
          if (isImmediate) throw error;
          return Promise.reject(error);
        };
      },
    });

  it.each(operations)('is an opaque 500, however it fails: %s %s', async (method, resource) => {
    const person = await client().creator();
    failure = new TypeError(SECRET);
    isImmediate = true;

    const answer = await client().call(method, resource, { person, ...bodyFor(method, resource) });

    expect(answer.status).toBe(500);
    expect(answer.text).toBe('{"results":{"code":500,"msg":"Internal Server Error"}}');
  });

  it.each(operations)('is an opaque 500: %s %s', async (method, resource) => {
    const person = await client().creator();
    failure = new TypeError(SECRET);

    const answer = await client().call(method, resource, { person, ...bodyFor(method, resource) });

    expect(answer.status).toBe(500);
    expect(answer.text).toBe('{"results":{"code":500,"msg":"Internal Server Error"}}');
    expect(JSON.stringify(answer.headers)).not.toContain('fire');
  });

  it.each(operations)('is a 503 that says when to try again: %s %s', async (method, resource) => {
    const person = await client().creator();
    failure = new StorageUnavailable(new Error(SECRET));

    const answer = await client().call(method, resource, { person, ...bodyFor(method, resource) });

    expect(answer.status).toBe(503);
    expect(answer.text).toBe('{"results":{"code":503,"msg":"Service Unavailable"}}');
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });

  it('ends a held poll when it looks again, and the chat goes on afterwards', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);

    failure = new StorageUnavailable(new Error(SECRET));
    await service().clock.advance(45_000);
    expect(await poll.answer).toMatchObject({ status: 503 });
    await service().held(0);

    failure = null;
    await client().send(creator, 'Hi');
    expect(textsIn(await client().hold(joiner).answer)).toEqual(['Hi']);
  });
});
