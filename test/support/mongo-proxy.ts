import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** What happens to one command on its way. */
export type Fault =
  /** The connection is cut before the command arrives. */
  | { readonly kind: 'cut' }
  /** The command is carried out, then the connection is cut instead of the answer. */
  | { readonly kind: 'lose answer' }
  /** The command arrives so many milliseconds later. */
  | { readonly kind: 'delay'; readonly by: number }
  /** Neither the command nor anything after it gets through, and nobody is told. */
  | { readonly kind: 'swallow' }
  /** The server answers with an error, before carrying the command out or after it. */
  | {
      readonly kind: 'error';
      readonly code: number;
      readonly carriedOut: boolean;
      readonly message?: string;
    }
  /** The command is carried out, and the server says that a majority has not confirmed it. */
  | { readonly kind: 'write concern error'; readonly code: number };

export interface MongoProxy {
  /** Where a client connects to come through the proxy. */
  readonly uri: string;
  /** Decides over each command, by its name; `null`: it passes. */
  fault: (command: string) => Fault | null;
  /** How many faults there were so far. */
  readonly faults: number;
  /** Cuts everything and accepts nothing more until {@link resume}. */
  stop(): void;
  resume(): void;
  /** Nothing gets through in either direction, while all connections stay open, until {@link resume}. */
  freeze(): void;
  close(): Promise<void>;
}

const OP_MSG = 2013;
const HEADER = 16;
const codeNames: Readonly<Record<number, string>> = {
  91: 'ShutdownInProgress',
  189: 'PrimarySteppedDown',
  10107: 'NotWritablePrimary',
};

/**
 * A proxy in front of one MongoDB server that understands enough of its wire protocol (`OP_MSG`) to do
 * to single commands what networks and elections do. Commands that keep the connection itself alive
 * (`hello`, sessions) always pass.
 *
 * @param target URI of a single server; a member of a replica set is addressed directly
 */
export async function startMongoProxy(target: string): Promise<MongoProxy> {
  const uri = new URL(target);
  const upstream = { host: uri.hostname, port: Number(uri.port === '' ? 27017 : uri.port) };
  const links = new Set<Link>();
  let state: 'open' | 'stopped' | 'frozen' = 'open';

  const server = createServer((client) => {
    if (state === 'stopped') {
      client.destroy();
      return;
    }
    const link = new Link(client, createConnection(upstream), decide, () => links.delete(link));
    links.add(link);
    if (state === 'frozen') link.freeze();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  uri.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  uri.searchParams.delete('replicaSet');
  uri.searchParams.set('directConnection', 'true');
  const cutAll = (): void => {
    for (const link of [...links]) link.cut();
  };
  const proxy = {
    uri: uri.href,
    fault: (): Fault | null => null,
    faults: 0,
    stop: () => {
      state = 'stopped';
      cutAll();
    },
    resume: () => {
      state = 'open';
      for (const link of [...links]) link.thaw();
    },
    freeze: () => {
      state = 'frozen';
      for (const link of links) link.freeze();
    },
    close: async () => {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  } as MongoProxy & { faults: number };
  function decide(command: string): Fault | null {
    const fault = uncuttable.has(command) ? null : proxy.fault(command);
    if (fault !== null) proxy.faults++;
    return fault;
  }
  return proxy;
}

const uncuttable = new Set([
  'hello',
  'isMaster',
  'ismaster',
  'endSessions',
  'saslStart',
  'saslContinue',
]);

/** One client's connection and the one that continues it to the server. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #decide: (command: string) => Fault | null;
  /** What becomes of the answer to a request, by the id of the request. */
  readonly #answers = new Map<number, Fault>();

  constructor(
    client: Socket,
    server: Socket,
    decide: (command: string) => Fault | null,
    onEnd: () => void,
  ) {
    this.#client = client;
    this.#server = server;
    this.#decide = decide;
    client.on(
      'data',
      inFrames((frame) => {
        this.#request(frame);
      }),
    );
    server.on(
      'data',
      inFrames((frame) => {
        this.#answer(frame);
      }),
    );
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.cut();
        onEnd();
      });
    }
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  freeze(): void {
    this.#client.pause();
    this.#server.pause();
  }

  thaw(): void {
    this.#client.resume();
    this.#server.resume();
  }

  #request(frame: Buffer): void {
    const requestId = frame.readInt32LE(4);
    const body = bodyOf(frame);
    // Only the first `hello` of a connection comes in another form.
    const fault = body === null ? null : this.#decide(Object.keys(body)[0] ?? '');
    if (fault === null) this.#server.write(frame);
    else if (fault.kind === 'cut') this.cut();
    else if (fault.kind === 'swallow') this.freeze();
    else if (fault.kind === 'delay') setTimeout(() => this.#server.write(frame), fault.by);
    else if (fault.kind === 'error' && !fault.carriedOut) {
      this.#client.write(reply(requestId, errorOf(fault)));
    } else {
      this.#answers.set(requestId, fault);
      this.#server.write(frame);
    }
  }

  #answer(frame: Buffer): void {
    const requestId = frame.readInt32LE(8);
    const fault = this.#answers.get(requestId);
    this.#answers.delete(requestId);
    if (fault === undefined) this.#client.write(frame);
    else if (fault.kind === 'error') this.#client.write(reply(requestId, errorOf(fault)));
    else if (fault.kind === 'write concern error') {
      const { code } = fault;
      const writeConcernError = { code, codeName: codeNames[code], errmsg: 'not confirmed' };
      this.#client.write(reply(requestId, { ...bodyOf(frame), writeConcernError }));
    } else this.cut();
  }
}

const errorOf = ({ code, message }: Fault & { kind: 'error' }): Document => ({
  ok: 0,
  code,
  codeName: codeNames[code] ?? 'SomeError',
  errmsg: message ?? 'not primary',
});

/** Cuts a stream into messages: each begins with its own length. */
function inFrames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER) {
      const length = pending.readInt32LE(0);
      if (pending.length < length) return;
      onFrame(pending.subarray(0, length));
      pending = pending.subarray(length);
    }
  };
}

/** The body section of an `OP_MSG`; `null` for any other message. */
function bodyOf(frame: Buffer): Document | null {
  if (frame.readInt32LE(12) !== OP_MSG) return null;
  let at = HEADER + 4;
  // Sections of kind 1 are sequences of documents: they have their length in front.
  while (frame.readUInt8(at) === 1) at += 1 + frame.readInt32LE(at + 1);
  const length = frame.readInt32LE(at + 1);
  return BSON.deserialize(frame.subarray(at + 1, at + 1 + length));
}

function reply(requestId: number, body: Document): Buffer {
  const document = BSON.serialize(body);
  const frame = Buffer.alloc(HEADER + 5 + document.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(0, 4);
  frame.writeInt32LE(requestId, 8);
  frame.writeInt32LE(OP_MSG, 12);
  frame.set(document, HEADER + 5);
  return frame;
}
