import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sendBytes } from '../support/bytes.ts';
import { keepOpen } from '../support/half-open-client.ts';
import { useService } from '../support/test-service.ts';

describe('what is hardly HTTP', () => {
  const service = useService();

  /** Writes to a connection, and gives everything that comes back until it ends. */
  const converse = async (written: string): Promise<string> => {
    const { port } = service().server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(written);
    return text(socket);
  };
  const parse = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const { results } = JSON.parse(body) as { results: { code: number; msg: string } };
    return { head, results, status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]) };
  };

  it.each([
    ['nonsense', 'Hello, is it me you are looking for?\r\n\r\n'],
    [
      'two lengths',
      'POST /api/chat.json HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'a length and chunks, to smuggle a request',
      'POST /api/chat.json HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n'],
  ])('is refused in the same envelope as everything: %s', async (_name, written) => {
    const { status, head, results } = parse(await converse(written));

    expect(status).toBe(400);
    expect(results.code).toBe(400);
    expect(results.msg).toMatch(/^Bad Request/);
    expect(head).toMatch(/^Cache-Control: no-store\r?$/m);
    expect(head).toMatch(/^Connection: close\r?$/m);
  });

  it('is refused when its head is too large, which a token never makes it', async () => {
    const padded = (length: number) =>
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Padding: ${'x'.repeat(length)}\r\nConnection: close\r\n\r\n`;

    expect(parse(await converse(padded(20_000)))).toMatchObject({
      status: 431,
      results: { code: 431 },
    });
    expect(parse(await converse(padded(4000)))).toMatchObject({ status: 200 });
  });

  it.each(['TRACE', 'PROPFIND', 'LINK', 'PURGE'])(
    'is a 501 when the method is one that nobody uses: %s',
    async (method) => {
      for (const path of ['/api/v1/chat.json', '/api/messages.json', '/healthz']) {
        const { status, headers } = await sendBytes(service().server, {
          method,
          path,
          body: Buffer.alloc(0),
        });
        expect(status).toBe(501);
        expect(headers.allow).toMatch(/GET, HEAD/);
      }
    },
  );

  it('does not keep anybody else from being answered', async () => {
    await Promise.all(Array.from({ length: 20 }, () => converse('nonsense\r\n\r\n')));

    expect(await service().client.create()).toMatchObject({ status: 201 });
  });

  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a tunnel', 'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('keeps no connection, whatever its client does with its own side: %s', async (_name, sent) => {
    await expect(keepOpen(service().server, sent)).resolves.toBeUndefined();
  });

  it('is cut with 408 when its body has no end, and holds nobody else up', async () => {
    const { server, client } = service();
    const { port } = server.address() as AddressInfo;
    const { headersTimeout, requestTimeout } = server;
    Object.assign(server, { headersTimeout: 500, requestTimeout: 500 });
    const head = 'POST /api/v1/chat.json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`);
      return socket;
    });
    const dribble = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('1\r\n \r\n');
    }, 50);
    const answers = sockets.map((socket) => text(socket));

    expect(await client.create()).toMatchObject({ status: 201 });

    for (const answer of await Promise.all(answers))
      expect(parse(answer)).toMatchObject({ status: 408, results: { code: 408 } });
    clearInterval(dribble);
    Object.assign(server, { headersTimeout, requestTimeout });
  });
});
