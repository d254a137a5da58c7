import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import express from 'express';
import { createDrain } from '../../src/process/drain.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { eventually } from '../support/eventually.ts';

/** Milliseconds that are never over in a test: what ends before has ended by itself. */
const NEVER = 3_600_000;

const REQUEST = 'GET / HTTP/1.1\r\nHost: sfchat\r\n\r\n';

/** More than the system takes at once for somebody who reads nothing. */
const LONG_ANSWER = '.'.repeat(20_000_000);

/** One connection, seen from both ends. */
interface Connection {
  readonly socket: Socket;
  readonly accepted: Socket;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

describe('a server that stops', () => {
  let server: Server;
  let drain: ReturnType<typeof createDrain>;
  /** Answers of the requests that have come. */
  let answers: ((text?: string) => void)[];

  beforeEach(async () => {
    answers = [];
    const app = express();
    app.get('/', (_req, res) => void answers.push((text = 'done') => res.end(text)));
    server = createHttpServer(app);
    drain = createDrain(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
  });

  const open = async (): Promise<Connection> => {
    const { port } = server.address() as AddressInfo;
    const connection = once(server, 'connection') as Promise<[Socket]>;
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk) => (said += chunk.toString()));
    const ended = once(socket, 'close');
    const [accepted] = await connection;
    return { socket, accepted, said: () => said, ended };
  };
  const requestCame = () => eventually(() => answers.length === 1, 'the request has come');
  /** A connection whose first request was answered. */
  const openAnswered = async (): Promise<Connection> => {
    const connection = await open();
    connection.socket.write(REQUEST);
    await requestCame();
    answers[0]!();
    await eventually(() => connection.said().includes('done'));
    return connection;
  };

  it('does not wait for connections on which nothing was ever asked', async () => {
    const silent = [await open(), await open()];

    await drain(NEVER);

    await Promise.all(silent.map(({ ended }) => ended));
    expect(silent.map(({ said }) => said())).toEqual(['', '']);
  });

  it('waits for the first request of a connection that is new', async () => {
    const idle = await openAnswered();
    const fresh = await open();

    const drained = drain(NEVER, NEVER);
    await idle.ended;
    fresh.socket.write(REQUEST);
    await eventually(() => answers.length === 2, 'its request has come');
    answers[1]!();
    await Promise.all([drained, fresh.ended]);

    expect(fresh.said()).toContain('200 OK');
  });

  it('answers those who wait to be taken up', async () => {
    const { port } = server.address() as AddressInfo;
    const waiting = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    const said = waiting.map((socket) => socket.toArray());
    for (const socket of waiting) socket.write(REQUEST);
    await Promise.all(waiting.map((socket) => once(socket, 'connect')));

    const drained = drain(NEVER);
    await eventually(() => answers.length === waiting.length, 'all requests have come');
    for (const answer of answers) answer();
    await drained;

    for (const text of await Promise.all(said)) expect(String(text)).toContain('200 OK');
  });

  it('does not wait for connections that were answered and ask nothing more', async () => {
    const idle = await openAnswered();

    await drain(NEVER);

    await idle.ended;
    expect(idle.said()).toContain('200 OK');
  });

  it('answers a request that has come', async () => {
    const busy = await open();
    busy.socket.write(REQUEST);
    await requestCame();

    const drained = drain(NEVER);
    answers[0]!();
    await Promise.all([drained, busy.ended]);

    expect(busy.said()).toContain('200 OK');
  });

  it('answers a request that has come in part', async () => {
    const silent = await open();
    const busy = await open();
    busy.socket.write(REQUEST.slice(0, 20));
    await eventually(() => busy.accepted.bytesRead === 20, 'a part has come');

    const drained = drain(NEVER);
    await silent.ended;
    busy.socket.write(REQUEST.slice(20));
    await requestCame();
    answers[0]!();
    await Promise.all([drained, busy.ended]);

    expect(busy.said()).toContain('200 OK');
  });

  it('sends an answer to its end to a client that reads slowly', async () => {
    const slow = await open();
    slow.socket.pause();
    slow.socket.write(REQUEST);
    await requestCame();
    answers[0]!(LONG_ANSWER);
    await eventually(() => slow.accepted.writableLength > 0, 'not all of it could be sent');

    const drained = drain(NEVER);
    await setImmediate();
    slow.socket.resume();
    await Promise.all([drained, slow.ended]);

    expect(slow.said().endsWith(LONG_ANSWER)).toBe(true);
  });

  it('answers a request that has come and was not read yet', async () => {
    const idle = await openAnswered();
    idle.socket.write(REQUEST);

    const drained = drain(NEVER);
    await eventually(() => answers.length === 2, 'it was read');
    answers[1]!('and done');
    await Promise.all([drained, idle.ended]);

    expect(idle.said()).toContain('and done');
  });

  it('ends what is not finished in time', async () => {
    const busy = await open();
    busy.socket.write(REQUEST);
    await requestCame();

    await Promise.all([drain(1), busy.ended]);

    expect(busy.said()).toBe('');
  });
});
