import { connect, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '../support/eventually.ts';
import { useService } from '../support/test-service.ts';

const service = useService();

function open(text: string): Socket {
  const { port } = service().server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  // Being cut in the middle of writing is what some of these connections are for.
  return socket.on('error', () => undefined);
}

/** Everything that the server says on one connection until it ends it. */
function converse(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answers = '';
    const socket = open(text);
    socket.on('data', (chunk) => (answers += chunk.toString()));
    socket.on('close', () => {
      resolve(answers);
    });
  });
}

const statuses = (answers: string): number[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

const request = (path: string, headers: Record<string, string> = {}): string =>
  [
    `GET ${path} HTTP/1.1`,
    ...Object.entries({ Host: 'sfchat', ...headers }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** After this request the server ends the connection. */
const last = { Connection: 'close' };

describe('a connection', () => {
  it('is told that there is no tunnel', async () => {
    const answers = await converse('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');

    expect(statuses(answers)).toEqual([501]);
    expect(answers).toContain('{"results":{"code":501,"msg":"Not Implemented"}}');
    expect(answers).toMatch(/^Allow: \r$/m);
  });

  it('may send a few requests ahead and has them answered in order', async () => {
    const answers = await converse(request('/healthz').repeat(3) + request('/nowhere', last));

    expect(statuses(answers)).toEqual([200, 200, 200, 404]);
  });

  it('is cut when it sends more ahead than anybody needs', async () => {
    const answers = await converse((await pollOfSomebody()) + request('/healthz').repeat(500));

    expect(statuses(answers)).toEqual([]);
    await service().held(0);
  });

  it('holds no poll that waits behind another one', async () => {
    const socket = open((await pollOfSomebody()).repeat(3));
    await service().held(1);

    socket.destroy();

    await service().held(0);
    expect(service().parts.longPoller.size()).toBe(0);
  });

  it('is seen to end also while a poll with a long body is held', async () => {
    const body = 'x'.repeat(1_000_000);
    const poll = await pollOfSomebody({ 'Content-Length': String(2 * body.length) });
    const socket = open(poll + body);
    await service().held(1);

    socket.destroy();

    await service().held(0);
    expect(service().parts.longPoller.size()).toBe(0);
  });

  it('says nothing of who is calling: each request is judged by the tokens that it brings', async () => {
    const [one, other] = [await service().client.quietPair(), await service().client.quietPair()];
    const read = (chatToken: string, userToken: string, headers: Record<string, string> = {}) =>
      request('/api/v1/messages.json?longPolling=false', {
        'X-SFC-chatToken': chatToken,
        'X-SFC-userToken': userToken,
        ...headers,
      });
    const [own, theirs] = [one.creator, other.creator];

    const answers = await converse(
      [
        read(own.chatToken, own.userToken),
        read(own.chatToken, theirs.userToken),
        read(theirs.chatToken, own.userToken),
        read(own.chatToken, ''),
        read(own.chatToken, own.userToken),
        read(theirs.chatToken, theirs.userToken),
        read(own.chatToken, own.userToken),
        read('', own.userToken, last),
      ].join(''),
    );

    expect(statuses(answers)).toEqual([200, 401, 401, 401, 200, 200, 200, 401]);
  });

  it('is refused as soon as the chat that it asked about is not there any more', async () => {
    const { creator } = await service().client.quietPair();
    const read = request('/api/v1/messages.json?longPolling=false', {
      'X-SFC-chatToken': creator.chatToken,
      'X-SFC-userToken': creator.userToken,
    });
    const socket = open(read);
    let answers = '';
    socket.on('data', (chunk) => (answers += chunk.toString()));
    await eventually(() => statuses(answers).length === 1);

    await service().backend.store.remove(creator.chatToken, service().clock.now());
    socket.write(read);

    await eventually(() => statuses(answers).length === 2);
    socket.destroy();
    expect(statuses(answers)).toEqual([200, 401]);
  });

  it('keeps every header line, however many came before it', async () => {
    // The shortest names, so that all of them fit into the head.
    const names = Array.from({ length: 1200 }, (_, index) => index.toString(36));
    const many = Object.fromEntries(names.map((name) => [name, '']));

    const answers = await converse(
      request('/metrics', {
        Host: 'localhost',
        ...many,
        'X-Forwarded-For': '203.0.113.7',
        ...last,
      }),
    );

    expect(statuses(answers)).toEqual([401]);
  });

  it('is told in JSON what is wrong with a request that is none', async () => {
    const wrong = [
      'NONSENSE\r\n\r\n',
      'GET /healthz HTTP/1.1\r\n\r\n',
      request('/healthz', { Expect: 'a miracle' }),
      request('/healthz', { 'X-Long': 'x'.repeat(9000) }),
    ];

    const answers = await Promise.all(wrong.map((text) => converse(text)));

    expect(answers.map(statuses)).toEqual([[400], [400], [417], [431]]);
    for (const each of answers) {
      const [, body] = each.split('\r\n\r\n');
      expect(JSON.parse(body ?? '')).toMatchObject({ results: { code: statuses(each)[0] } });
    }
  });
});

async function pollOfSomebody(headers: Record<string, string> = {}): Promise<string> {
  const { creator } = await service().client.quietPair();
  return request('/api/v1/messages.json', {
    'X-SFC-chatToken': creator.chatToken,
    'X-SFC-userToken': creator.userToken,
    ...headers,
  });
}
