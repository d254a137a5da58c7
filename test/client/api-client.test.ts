import {
  createApiClient,
  type ApiClient,
  type FetchInit,
  type HttpAnswer,
} from '../../src/client/api/api-client.ts';
import { noAnswer, toFailure } from '../../src/client/api/no-answer.ts';
import { PageClock } from '../unit/browser/support.ts';

const tokens = { chatToken: 'c'.repeat(24), userToken: 'a'.repeat(24) };

interface Seen extends FetchInit {
  url: string;
}

type Answering = (seen: Seen) => Promise<HttpAnswer>;

function answer(
  status: number,
  results: unknown,
  headers: Record<string, string> = {},
): HttpAnswer {
  return {
    status,
    headers: { get: (name) => headers[name] ?? null },
    json: () => Promise.resolve({ results }),
  };
}

function clientWith(answering: Answering): { client: ApiClient; clock: PageClock; seen: Seen[] } {
  const seen: Seen[] = [];
  const clock = new PageClock(5_000);
  const client = createApiClient({
    fetch: (url, init) => {
      const request = { url, ...init };
      seen.push(request);
      return answering(request);
    },
    clock,
    chatTokenHeader: 'X-SFC-chatToken',
    userTokenHeader: 'X-SFC-userToken',
  });
  return { client, clock, seen };
}

const accepted: Answering = () => Promise.resolve(answer(202, { code: 202, msg: 'Accepted' }));
const untilAborted: Answering = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

describe('the API client', () => {
  test('never puts a token into an address', async () => {
    const { client, seen } = clientWith(({ method }) =>
      Promise.resolve(
        method === 'PUT'
          ? answer(200, { code: 200, ...tokens, status: 'ready' })
          : answer(200, { code: 200, status: 'ready', messages: [] }),
      ),
    );
    await client.join(tokens);
    await client.state(tokens);
    await client.receive(tokens, true, new AbortController().signal);
    await client.acknowledge(tokens, ['b'.repeat(24)]);
    await client.send(tokens, [{ _id: 'b'.repeat(24), msg: 'Hi' }]);
    expect(seen.map(({ url }) => url)).toEqual([
      '/api/v1/chat.json',
      '/api/v1/chat.json',
      '/api/v1/messages.json?longPolling=true',
      '/api/v1/messages.json',
      '/api/v1/messages.json',
    ]);
  });

  test('authenticates by the two headers, and sends no cookies and no referrer', async () => {
    const { client, seen } = clientWith(accepted);
    await client.close(tokens);
    expect(seen[0]).toMatchObject({
      method: 'DELETE',
      headers: { 'X-SFC-chatToken': tokens.chatToken, 'X-SFC-userToken': tokens.userToken },
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    });
  });

  test.each([
    ['create', 'POST', 201],
    ['join', 'PUT', 200],
  ] as const)('names to %s both tokens that were made here', async (call, method, code) => {
    const created = '2026-01-01T00:00:00Z';
    const expires = '2026-01-02T00:00:00Z';
    const membership = { ...tokens, status: 'ready', encrypted: true, created, expires };
    const admitted = { code, ...membership };
    const { client, seen } = clientWith(() => Promise.resolve(answer(code, admitted)));
    await expect(client[call](tokens, true)).resolves.toEqual(membership);
    expect(seen[0]).toMatchObject({
      method,
      headers: { 'X-SFC-chatToken': tokens.chatToken, 'X-SFC-userToken': tokens.userToken },
    });
  });

  test.each([
    ['without tokens', {}],
    ['with tokens that are none', { chatToken: 'x', userToken: 7 }],
  ])('takes an admission %s for no answer', async (_what, results) => {
    const { client } = clientWith(() => Promise.resolve(answer(201, { code: 201, ...results })));
    await expect(client.create(tokens, false)).rejects.toEqual(noAnswer());
  });

  test('sends the messages in the shape of the protocol', async () => {
    const { client, seen } = clientWith(accepted);
    const message = { _id: 'b'.repeat(24), msg: 'Hi\nthere' };
    await client.send(tokens, [message]);
    expect(seen[0]?.headers['Content-Type']).toBe('application/json');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ data: { messages: [message] } });
  });

  test('acknowledges at most 200 ids at a time, all of them', async () => {
    const { client, seen } = clientWith(accepted);
    const ids = Array.from({ length: 401 }, (_unused, index) => String(index).padStart(24, '0'));
    await client.acknowledge(tokens, ids);
    const bodies = seen.map(
      ({ body }) => JSON.parse(body ?? '') as { data: { messages: { _id: string }[] } },
    );
    expect(bodies.map(({ data }) => data.messages.length)).toEqual([200, 200, 1]);
    expect(bodies.flatMap(({ data }) => data.messages.map(({ _id }) => _id))).toEqual(ids);
  });

  test('tells code, reason and Retry-After of a refusal', async () => {
    const refusal = answer(429, { code: 429, msg: 'Too Many Requests' }, { 'Retry-After': '3' });
    const { client } = clientWith(() => Promise.resolve(refusal));
    await expect(client.create(tokens, false)).rejects.toMatchObject({
      code: 429,
      message: 'Too Many Requests',
      retryAfterMs: 3_000,
    });
  });

  test('takes a proxy’s error page for the error that its status says', async () => {
    const page = { ...answer(502, {}), json: () => Promise.reject(new Error('not JSON')) };
    const { client } = clientWith(() => Promise.resolve(page));
    await expect(client.create(tokens, false)).rejects.toMatchObject({ code: 502 });
  });

  test('takes a success that is not SFChat’s (a login page in between) for no answer', async () => {
    const { client } = clientWith(() =>
      Promise.resolve({ ...answer(200, {}), json: () => Promise.resolve({ hello: 'guest' }) }),
    );
    await expect(client.close(tokens)).rejects.toMatchObject({ code: 0 });
  });

  test('takes a broken connection for no answer', async () => {
    const { client } = clientWith(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(client.close(tokens)).rejects.toEqual(noAnswer());
  });

  test('gives up on a call that nobody answers after 20 seconds', async () => {
    const { client, clock, seen } = clientWith(untilAborted);
    const closing = client.close(tokens).catch(toFailure);
    await clock.advance(19_999);
    expect(seen[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await closing).toMatchObject({ code: 0 });
  });

  test('gives up on a poll later than any server does, and not before', async () => {
    const { client, clock, seen } = clientWith(untilAborted);
    const polling = client.receive(tokens, true, new AbortController().signal).catch(toFailure);
    await clock.advance(74_999);
    expect(seen[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await polling).toMatchObject({ code: 0 });
  });

  test('gives up on a poll that asked to be held for a while 20 seconds after that', async () => {
    const { client, clock, seen } = clientWith(untilAborted);
    const { signal } = new AbortController();
    const polling = client.receive(tokens, true, signal, { hold: 1.5 }).catch(toFailure);
    await clock.advance(21_499);
    expect(seen[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await polling).toMatchObject({ code: 0 });
  });

  test('leaves no timer behind when it was answered', async () => {
    const { client, clock } = clientWith(accepted);
    await client.close(tokens);
    expect(clock.pending).toBe(0);
  });

  test('lets go of a poll when it is told to', async () => {
    const { client, seen } = clientWith(untilAborted);
    const control = new AbortController();
    const polling = client.receive(tokens, true, control.signal);
    control.abort();
    await expect(polling).rejects.toMatchObject({ code: 0 });
    expect(seen[0]?.signal.aborted).toBe(true);
  });

  test('leaves out entries that cannot be acknowledged', async () => {
    const messages = [
      { msg: 'no id' },
      { _id: 'no token', msg: 'x' },
      null,
      { _id: 'd'.repeat(24), msg: 'x', system: true },
    ];
    const { client } = clientWith(() =>
      Promise.resolve(answer(200, { code: 200, status: 'closed', messages })),
    );
    const inbox = await client.receive(tokens, false, new AbortController().signal);
    expect(inbox).toEqual({
      status: 'closed',
      messages: [{ _id: 'd'.repeat(24), msg: 'x', system: true }],
    });
  });

  test('reads the server’s clock from its answer, and its own when there is none', async () => {
    const state = { code: 200, status: 'ready', participants: 2, talker: { present: true } };
    const dated = answer(200, state, { Date: 'Thu, 01 Jan 2026 00:00:05 GMT' });
    const { client } = clientWith(() => Promise.resolve(dated));
    expect((await client.state(tokens)).answeredAt).toBe(Date.parse('2026-01-01T00:00:05Z'));
    const { client: other } = clientWith(() => Promise.resolve(answer(200, state)));
    expect((await other.state(tokens)).answeredAt).toBe(5_000);
  });
});
