import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import express, { type RequestHandler } from 'express';
import { createHttpServer } from '../../src/http/http-server.ts';

describe('an error of one request', () => {
  let server: Server;
  let handler: RequestHandler;
  const onError = jest.fn();

  beforeEach(async () => {
    const app = express();
    app.get('/healthy', (_req, res) => void res.end('well'));
    app.use((req, res, next) => void handler(req, res, next));
    server = createHttpServer(app, { onError }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends a request and waits until its connection has ended, whatever is answered. */
  const ask = async (text: string, leave = false): Promise<void> => {
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('error', () => undefined).resume();
    if (leave) server.once('request', () => socket.destroy());
    await once(socket, 'close');
  };
  const health = async (): Promise<string> => {
    const { port } = server.address() as AddressInfo;
    return (await fetch(`http://127.0.0.1:${port}/healthy`)).text();
  };
  const get = 'GET / HTTP/1.1\r\nHost: sfchat\r\nConnection: close\r\n\r\n';
  const upload =
    'POST / HTTP/1.1\r\nHost: sfchat\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf';

  it.each<[string, string, RequestHandler]>([
    ['that writes after its end', get, (_req, res) => void (res.end(), res.write('late'))],
    ['whose answer fails', get, (_req, res) => void res.destroy(new Error('broken'))],
    ['whose body fails', upload, (req) => void req.destroy(new Error('broken'))],
  ])('%s does not end the process', async (_what, text, broken) => {
    handler = broken;

    await ask(text);

    expect(await health()).toBe('well');
  });

  it('is told to whoever keeps the log', async () => {
    onError.mockClear();
    handler = (_req, res) => void (res.end(), res.write('late'));

    await ask(get);
    expect(await health()).toBe('well');

    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' }),
    );
  });

  it('is no more than that when a connection cannot be accepted', async () => {
    onError.mockClear();
    const error = new Error('accept EMFILE');

    server.emit('error', error);
    server.emit('error', error);
    expect(await health()).toBe('well');

    expect(onError).toHaveBeenCalledTimes(2);
  });

  it('of a client that has gone does not end the process', async () => {
    const answered = new Promise<void>((resolve) => {
      handler = (req, res) => {
        req.once('close', () => {
          res.write('late');
          res.end('later');
          resolve();
        });
      };
    });

    await ask(upload, true);
    await answered;

    expect(await health()).toBe('well');
  });
});
