import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { newToken } from '../../../src/chat/chat.ts';
import { keepOpen } from '../../support/half-open-client.ts';
import { useFreshService, useService } from '../../support/test-service.ts';
import {
  authentication,
  creatorId,
  GradAgendaClient,
  gradagenda,
  joinerId,
  urlOf,
} from './support.ts';

const AUTHENTICATION_TIMEOUT_MS = 10_000;

/** Status and headers with which an opening is refused. */
async function refusal(url: string, options = {}): Promise<IncomingMessage> {
  const { socket } = new GradAgendaClient(url, options);
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  answer.destroy();
  return answer;
}

describe('GradAgenda: opening a connection', () => {
  const service = useService({ environment: gradagenda });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1', 'file://'])(
    'refuses the browser of a page from %s',
    async (origin) => {
      expect((await refusal(urlOf(service()), { origin })).statusCode).toBe(403);
    },
  );

  it('keeps no connection that it refuses, whatever its client does with its own side', async () => {
    const sent =
      'GET /ws/gradagenda HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n' +
      'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

    await expect(keepOpen(service().server, sent)).resolves.toBeUndefined();
  });

  it('takes the browser of a page from here', async () => {
    const { port } = service().server.address() as AddressInfo;

    const client = await GradAgendaClient.connect(service(), {
      origin: `http://127.0.0.1:${port}`,
    });

    expect((await client.close()).code).toBe(1005);
  });

  it('agrees to no compression', async () => {
    const client = await GradAgendaClient.connect(service(), { perMessageDeflate: true });

    expect(client.socket.extensions).toBe('');
  });

  it('asks plain HTTP to upgrade', async () => {
    const answer = await service().client.raw('GET', '/ws/gradagenda');

    expect(answer.status).toBe(426);
    expect(answer.headers).toMatchObject({ upgrade: 'websocket', 'cache-control': 'no-store' });
  });

  it.each(['POST', 'PUT', 'DELETE'] as const)('does not have %s', async (method) => {
    const answer = await service().client.raw(method, '/ws/gradagenda');

    expect(answer.status).toBe(501);
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  /** The answer to a request that asks to leave HTTP. */
  const askToUpgrade = async (
    headers: Readonly<Record<string, string>> = {},
    [method, path] = ['GET', '/ws/gradagenda'],
  ): Promise<IncomingMessage> => {
    const { port } = service().server.address() as AddressInfo;
    const asked = { Connection: 'Upgrade', Upgrade: 'websocket', ...headers };
    const ask = request({ port, path, method, headers: asked });
    ask.end();
    const [answer] = (await once(ask, 'response')) as [IncomingMessage];
    answer.resume();
    return answer;
  };

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('does not leave HTTP for %s', async (method) => {
    const { statusCode, headers } = await askToUpgrade({}, [method, '/ws/gradagenda']);

    expect(statusCode).toBe(501);
    expect(headers).toMatchObject({ allow: 'GET, HEAD', 'x-content-type-options': 'nosniff' });
  });

  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  it.each<[string, Readonly<Record<string, string>>]>([
    ['no key', { 'Sec-WebSocket-Version': '13' }],
    ['a key that is none', { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'short' }],
    ['no version', { 'Sec-WebSocket-Key': key }],
    ['a version of tomorrow', { 'Sec-WebSocket-Version': '14', 'Sec-WebSocket-Key': key }],
    ['another protocol', { Upgrade: 'h2c' }],
  ])('refuses an opening with %s as everything is refused', async (_what, asked) => {
    const { statusCode, headers } = await askToUpgrade(asked);

    expect(statusCode).toBe(400);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      'sec-websocket-version': '13',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(['/ws/gradagenda/', '/ws', '/', '/ws/GradAgenda'])('is not at %s', async (path) => {
    const { statusCode } = await refusal(urlOf(service(), path));

    expect(statusCode).toBe(path === '/' ? 200 : 404);
  });

  it('lets no token in the address stand for an authentication', async () => {
    const { creator } = await service().client.pair();
    const client = new GradAgendaClient(
      urlOf(service(), `/ws/gradagenda?user-id=${creatorId(creator)}&token=${creator.userToken}`),
    );
    await once(client.socket, 'open');

    client.say({ cdid: 'c', type: 'request-mutable-session-listing' });

    expect((await client.closed).code).toBe(1008);
  });

  it('answers other requests that ask to leave HTTP as if they had not', async () => {
    const { statusCode } = await askToUpgrade(
      { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': '' },
      ['POST', '/api/v1/chat.json'],
    );

    expect(statusCode).toBe(201);
  });
});

describe('GradAgenda: without it in the settings', () => {
  const service = useService();

  it('does not exist', async () => {
    expect((await refusal(urlOf(service()))).statusCode).toBe(404);
    expect((await service().client.raw('GET', '/ws/gradagenda')).status).toBe(404);
  });
});

describe('GradAgenda: authentication', () => {
  const service = useFreshService({ environment: gradagenda });

  it('succeeds with a participant id and the user token that belongs to it', async () => {
    const { creator, joiner } = await service().client.pair();
    const one = await GradAgendaClient.connect(service());
    const two = await GradAgendaClient.connect(service());

    const answers = [
      await one.ask({ ...authentication(creator, 1), cdid: 'first' }),
      await two.ask({ ...authentication(joiner, 2), cdid: 'second' }),
    ];

    expect(answers).toEqual([
      { cdid: 'first', type: 'status-response', status: 'succeeded' },
      { cdid: 'second', type: 'status-response', status: 'succeeded' },
    ]);
    expect(one.actions[0]).toBe(answers[0]);
  });

  it('fails in the same words whatever does not belong together', async () => {
    const { creator, joiner } = await service().client.pair();
    const other = await service().client.creator();
    const attempts = [
      { 'user-id': joinerId(creator) },
      { 'user-id': creator.chatToken },
      { 'user-id': `${creator.chatToken}_3` },
      { 'user-id': `${newToken()}_1` },
      { 'user-id': creatorId(other) },
      { 'user-id': '' },
      { token: joiner.userToken },
      { token: newToken() },
      { token: creator.chatToken },
      { token: 'x' },
    ];

    for (const attempt of attempts) {
      const client = await GradAgendaClient.connect(service());
      const answer = await client.ask({ ...authentication(creator, 1), ...attempt });
      expect(answer).toMatchObject({ status: 'failed', message: 'Unauthorized' });
      client.socket.terminate();
    }
  });

  it.each(['user-id', 'device-id', 'token'])('wants %s', async (name) => {
    const { creator } = await service().client.pair();
    const client = await GradAgendaClient.connect(service());

    const answer = await client.ask({ ...authentication(creator, 1), [name]: undefined });

    expect(answer).toMatchObject({ status: 'failed', message: `${name} is a text` });
  });

  it('may fail twice and no more', async () => {
    const { creator } = await service().client.pair();
    const wrong = { ...authentication(creator, 1), token: newToken() };
    const patient = await GradAgendaClient.connect(service());
    await patient.ask(wrong);
    await patient.ask(wrong);
    const third = await GradAgendaClient.connect(service());
    await third.ask(wrong);
    await third.ask({ ...wrong, token: 5 });
    await third.ask(wrong);

    expect(await patient.ask(authentication(creator, 1))).toMatchObject({ status: 'succeeded' });
    expect(await third.closed).toEqual({ code: 1008, reason: 'authentication failed' });
  });

  it.each([
    ['a request', { cdid: 'c', type: 'request-mutable-session-listing' }],
    ['something unknown', { cdid: 'c' }],
    ['a batch that is none', { cdid: 'c', type: 'batch-mode-action', actions: 1 }],
    [
      'a batch of a request',
      {
        cdid: 'b',
        type: 'batch-mode-action',
        actions: [{ cdid: 'c', type: 'request-mutable-session-listing' }],
      },
    ],
  ])('comes before %s', async (_what, action) => {
    const client = await GradAgendaClient.connect(service());

    client.say(action);

    expect(await client.closed).toEqual({ code: 1008, reason: 'authenticate first' });
    expect(client.actions).toEqual([
      { cdid: 'c', type: 'status-response', status: 'failed', message: 'authenticate first' },
    ]);
  });

  it('may come in a batch with what needs it', async () => {
    const { creator } = await service().client.quietPair();
    const client = await GradAgendaClient.connect(service());

    client.say({
      cdid: 'b',
      type: 'batch-mode-action',
      actions: [
        { cdid: '1', ...authentication(creator, 1) },
        { cdid: '2', type: 'request-mutable-session-listing' },
      ],
    });
    await client.answerTo('2');

    expect(client.actions).toMatchObject([
      { cdid: '1', status: 'succeeded' },
      { cdid: '2', status: 'unchanged' },
    ]);
  });

  it('has ten seconds', async () => {
    const { creator } = await service().client.pair();
    const late = await GradAgendaClient.connect(service());
    const inTime = await GradAgendaClient.connect(service());

    await service().clock.advance(AUTHENTICATION_TIMEOUT_MS - 1);
    await inTime.ask(authentication(creator, 1));
    await service().clock.advance(1);

    expect(await late.closed).toEqual({ code: 1008, reason: 'no authentication in time' });
    await inTime.settled();
  });

  it('is refused when the chat is over its grace period', async () => {
    const { creator } = await service().client.pair();
    await service().client.close(creator);
    await service().clock.advance(service().timing.closedGraceMs);
    const client = await GradAgendaClient.connect(service());

    const answer = await client.ask(authentication(creator, 1));

    expect(answer).toMatchObject({ status: 'failed', message: 'Unauthorized' });
  });
});

describe('GradAgenda: limits', () => {
  const service = useFreshService({
    environment: {
      ...gradagenda,
      LIMIT_HELD_POLLS_PER_ADDRESS: '4',
      LIMIT_FAILED_AUTHENTICATIONS: '2',
      LIMIT_MESSAGES: '2',
    },
  });

  it('counts connections as held polls of their address, until they end', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => GradAgendaClient.connect(service())));

    const { statusCode, headers } = await refusal(urlOf(service()));
    await clients[0]!.close();
    const next = await GradAgendaClient.connect(service());

    expect(statusCode).toBe(429);
    expect(headers['retry-after']).toBe('10');
    next.socket.terminate();
  });

  it('counts an opening that was refused as none', async () => {
    const { port } = service().server.address() as AddressInfo;
    for (let times = 0; times < 6; times += 1) {
      // No key.
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
      const ask = request({ port, path: '/ws/gradagenda', headers }).end();
      const [answer] = (await once(ask, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(400);
      answer.resume();
      await once(answer, 'close');
    }

    await (await GradAgendaClient.connect(service())).close();
  });

  it('counts failed authentications by address', async () => {
    const { creator } = await service().client.pair();
    const client = await GradAgendaClient.connect(service());
    const wrong = { ...authentication(creator, 1), token: newToken() };

    const answers = [await client.ask(wrong), await client.ask(wrong), await client.ask(wrong)];

    expect(answers[1]).toMatchObject({ message: 'Unauthorized' });
    expect(answers[2]).toMatchObject({
      message: expect.stringMatching(/^Too Many Requests: try again in \d+ s$/) as string,
    });
  });

  it('counts messages in the budget of their sender', async () => {
    const { creator } = await service().client.quietPair();
    const client = await GradAgendaClient.enter(service(), creator, 1);
    await client.send(creator, 'one');
    await service().client.send(creator, 'two');

    const answer = await client.send(creator, 'three');

    expect(answer).toMatchObject({
      type: 'status-response',
      status: 'failed',
      message: expect.stringMatching(/^Too Many Requests: try again in \d+ s$/) as string,
    });
  });
});
