import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

/** What becomes of one request on its way. */
export type Fate =
  | 'pass'
  /** The connection is cut before the request arrives. */
  | 'cut'
  /** The request is carried out, then the connection is cut instead of its answer. */
  | 'lose answer';

export interface FaultyProxy {
  readonly port: number;
  readonly origin: string;
  /** Ports on which servers answer; the first that lets itself be connected takes the connection. */
  upstreams: readonly number[];
  /** Decides over each request by its method. */
  fate: (method: string) => Fate;
  /** Requests that did not pass. */
  readonly spoiled: number;
  /** Cuts every connection. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Everybody may come back at once, and is to be let in at once: what is late is the server's doing then. */
const BACKLOG = 4096;

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS) \//;

/**
 * A TCP proxy in front of a web server that does to single requests what bad networks do. It knows that a request
 * begins where a client writes a request line, which holds for clients that wait for one answer before the next
 * request; what follows an upgrade passes.
 */
export async function startFaultyProxy(): Promise<FaultyProxy> {
  const clients = new Set<Socket>();
  let turn = 0;
  const proxy = {
    port: 0,
    origin: '',
    upstreams: [] as readonly number[],
    fate: (): Fate => 'pass',
    spoiled: 0,
    cutAll: () => {
      for (const client of clients) client.destroy();
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const client of clients) client.destroy();
        server.close(() => {
          resolve();
        });
      }),
  } as { -readonly [Key in keyof FaultyProxy]: FaultyProxy[Key] };
  const decide = (method: string): Fate => {
    const fate = proxy.fate(method);
    if (fate !== 'pass') proxy.spoiled += 1;
    return fate;
  };

  const server: Server = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => undefined);
    const { upstreams } = proxy;
    turn += 1;
    const order = upstreams.map((_, index) => upstreams[(index + turn) % upstreams.length] ?? 0);
    void connectFirst(order).then((upstream) => {
      if (upstream === null || client.destroyed) {
        upstream?.destroy();
        client.destroy();
      } else link(client, upstream, decide);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', BACKLOG, resolve));
  proxy.port = (server.address() as AddressInfo).port;
  proxy.origin = `http://127.0.0.1:${proxy.port}`;
  return proxy;
}

async function connectFirst(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = createConnection(port, '127.0.0.1');
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    if (isConnected) return socket;
  }
  return null;
}

function link(client: Socket, upstream: Socket, decide: (method: string) => Fate): void {
  let losesAnswer = false;
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true);
    socket.on('error', cut);
    socket.on('close', cut);
  }
  client.on('data', (chunk: Buffer) => {
    const method = REQUEST_LINE.exec(chunk.subarray(0, 16).toString('latin1'))?.[1];
    const fate = method === undefined ? 'pass' : decide(method);
    if (fate === 'cut') cut();
    else {
      losesAnswer ||= fate === 'lose answer';
      if (!upstream.write(chunk)) client.pause();
    }
  });
  upstream.on('drain', () => client.resume());
  upstream.on('data', (chunk: Buffer) => {
    if (losesAnswer) cut();
    else if (!client.write(chunk)) upstream.pause();
  });
  client.on('drain', () => upstream.resume());
}
