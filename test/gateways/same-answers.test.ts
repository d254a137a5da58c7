import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gatewayNames } from '../../src/gateways/names.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startService, type TestService } from '../support/test-service.ts';

const [chatToken, creator, joiner] = ['1', '2', '3'].map((digit) => digit.repeat(24)) as [
  string,
  string,
  string,
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly user?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const chat = '/api/v1/chat.json';
const messages = '/api/v1/messages.json';
const sent = { data: { messages: [{ msg: 'Hi', _id: 'a'.repeat(24) }] } };
const got = { data: { messages: [{ _id: 'a'.repeat(24) }] } };

/** One conversation, much that is refused, and every page. */
const conversation: readonly Asked[] = [
  { method: 'POST', path: chat, user: creator },
  { method: 'GET', path: chat, user: creator },
  { method: 'POST', path: messages, user: creator, body: sent },
  { method: 'PUT', path: chat, user: joiner },
  { method: 'PUT', path: chat },
  { method: 'POST', path: messages, user: creator, body: sent },
  { method: 'GET', path: `${messages}?longPolling=false`, user: joiner },
  { method: 'HEAD', path: messages, user: joiner },
  { method: 'GET', path: messages, user: joiner },
  { method: 'DELETE', path: messages, user: joiner, body: got },
  { method: 'PATCH', path: chat, user: joiner, body: { data: { typing: true } } },
  { method: 'GET', path: `${messages}?longPolling=false`, user: creator },
  { method: 'GET', path: chat, user: '4'.repeat(24) },
  { method: 'OPTIONS', path: messages },
  { method: 'DELETE', path: chat, user: creator },
  { method: 'GET', path: '/api/v1/nothing.json' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/nothing' },
  { method: 'POST', path: '/nothing' },
  { method: 'GET', path: chat, user: creator, headers: { 'X-SFC-VERSION': 'v2' } },
  // What a client adds that offers another protocol.
  {
    method: 'GET',
    path: '/healthz',
    headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': '' },
  },
  {
    method: 'GET',
    path: '/nothing',
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'x' },
  },
];

async function ask({ server }: TestService, asked: Asked): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const { method, path, user, body, headers } = asked;
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: {
      'X-SFC-chatToken': chatToken,
      ...(user !== undefined && { 'X-SFC-userToken': user }),
      ...(body && { 'Content-Type': 'application/json' }),
      ...headers,
    },
  });
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const head = [response.statusCode, ...response.rawHeaders].join('\n');
  return `${method} ${path}\n${head}\n\n${await text(response)}`;
}

/** All answers, but for what is random or the time of day. */
async function answersWith(gateways: string): Promise<string[]> {
  const service = await startService({
    clock: new ManualClock(1_800_000_000_000),
    environment: { GATEWAYS: gateways },
  });
  const answers: string[] = [];
  for (const asked of conversation) answers.push(await ask(service, asked));
  await service.close();
  return answers.map((answer) =>
    answer.replace(/Date\n.*/, 'Date').replaceAll(/"_id":"[0-9a-f]{24}"/g, '"_id"'),
  );
}

describe('SFChat’s own answers', () => {
  it('are byte for byte the same with every gateway and with none', async () => {
    const without = await answersWith('');
    const withAll = await answersWith(gatewayNames.join(','));

    expect(without).toHaveLength(conversation.length);
    expect(without[6]).toContain('"msg":"Hi","system":false}');
    expect(withAll).toEqual(without);
  });

  it('are all there is unless a gateway is named', async () => {
    const service = await startService();
    const asked = { method: 'POST', path: '/nereid-chat/token', user: creator };
    const answer = await ask(service, asked);
    await service.close();

    expect(answer).toContain('{"results":{"code":404,"msg":"Not Found"}}');
  });
});
