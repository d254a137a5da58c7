import express from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createHttpServer } from '../../src/http/http-server.ts';

describe('a request that asks to leave HTTP', () => {
  let server: Server;

  beforeAll(async () => {
    const app = express();
    app.use((req, res) => {
      res.end(`plain ${req.method} ${req.url}`);
    });
    const upgrades = new Map([
      [
        '/other-protocol',
        (req: express.Request, socket: NodeJS.WritableStream) => {
          socket.end(`taken from ${req.ip} for ${req.host}`);
        },
      ],
    ]);
    server = createHttpServer(app, { upgrades }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  const ask = async (path: string, upgrade: string, method = 'GET'): Promise<string> => {
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const lines = [
      `${method} ${path} HTTP/1.1`,
      'Host: chat.example',
      'Connection: Upgrade, close',
      `Upgrade: ${upgrade}`,
      'Content-Length: 0',
    ];
    socket.write([...lines, '', ''].join('\r\n'));
    return text(socket);
  };

  it('is taken over on a path that is', async () => {
    const answer = 'taken from 127.0.0.1 for chat.example';

    expect(await ask('/other-protocol', 'websocket')).toBe(answer);
    expect(await ask('/other-protocol?query', 'anything')).toBe(answer);
  });

  it.each(['/', '/healthz', '/other-protocol/', '/OTHER-PROTOCOL'])(
    'is answered as if it had not on any other: %s',
    async (path) => {
      for (const upgrade of ['h2c', 'websocket']) {
        const answer = await ask(path, upgrade, 'POST');
        expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
        expect(answer).toContain(`plain POST ${path}`);
      }
    },
  );
});
