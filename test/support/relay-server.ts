import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Role } from '../../src/crypto/index.ts';
import { honest, type Meddler } from './hostile-relay.ts';

/** A hostile server between clients and the real one, for everything that speaks HTTP. */
export interface RelayServer {
  readonly origin: string;
  /** What is done to each user message. */
  meddler: Meddler;
  /** What clients are told of their own messages; undefined: the truth. */
  waiting: number | undefined;
  /** Said to a participant with its next answer. */
  readonly forged: { to: Role; msg: string }[];
  /** Everything that clients sent: addresses, headers and bodies. */
  readonly recorded: string[];
  close(): Promise<void>;
}

interface Inbox {
  results: {
    messages: { _id: string; msg: string; system: boolean }[];
    waiting: number;
    count: number;
  };
}

const RECEIVE = '/api/v1/messages.json?';

let made = 0;
const newId = (): string => (made += 1).toString(16).padStart(24, 'f');

/** Starts a relay in front of a server; at first it is honest. */
export async function startRelay(target: string): Promise<RelayServer> {
  const roles = new Map<string, Role>();
  // An inbox comes again until it is acknowledged, and what was done to it must be the same then.
  const done = new Map<string, Inbox['results']['messages']>();
  const recorded: string[] = [];

  const meddle = async ({ results }: Inbox, to: Role): Promise<string[]> => {
    const dropped: string[] = [];
    const delivered: Inbox['results']['messages'] = [];
    for (const message of results.messages) {
      const instead = message.system
        ? [message]
        : (done.get(message._id) ?? (await passed(message, to)));
      done.set(message._id, instead);
      if (instead.length === 0) dropped.push(message._id);
      delivered.push(...instead);
    }
    const forgeries = relay.forged.filter((forgery) => forgery.to === to);
    for (const forgery of forgeries) {
      relay.forged.splice(relay.forged.indexOf(forgery), 1);
      delivered.push({ _id: newId(), msg: forgery.msg, system: false });
    }
    results.messages = delivered;
    results.count = delivered.length;
    results.waiting = relay.waiting ?? results.waiting;
    return dropped;
  };

  const passed = async (message: Inbox['results']['messages'][number], to: Role) => {
    const instead = await relay.meddler({ to, msg: message.msg });
    relay.forged.push(...instead.filter((passing) => passing.to !== to));
    return instead
      .filter((passing) => passing.to === to)
      .map(({ msg }, index) => ({ ...message, msg, _id: index === 0 ? message._id : newId() }));
  };

  const tokensOf = ({ headers }: IncomingMessage) => ({
    'X-SFC-chatToken': String(headers['x-sfc-chattoken']),
    'X-SFC-userToken': String(headers['x-sfc-usertoken']),
  });

  /** What a hostile server drops, it has forgotten. */
  const forget = async (incoming: IncomingMessage, ids: string[]): Promise<void> => {
    if (ids.length === 0) return;
    await fetch(`${target}/api/v1/messages.json`, {
      method: 'DELETE',
      headers: { ...tokensOf(incoming), 'Content-Type': 'application/json' },
      body: JSON.stringify({ data: { messages: ids.map((_id) => ({ _id })) } }),
    });
  };

  const answerInbox = async (incoming: IncomingMessage, text: string): Promise<string> => {
    const inbox = JSON.parse(text) as Inbox;
    const to = roles.get(String(incoming.headers['x-sfc-usertoken'])) ?? 'creator';
    await forget(incoming, await meddle(inbox, to));
    return JSON.stringify(inbox);
  };

  const relayOne = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await textOf(incoming);
    recorded.push(`${method} ${url}`, JSON.stringify(headers), body);
    if (url.endsWith('/chat.json') && (method === 'POST' || method === 'PUT')) {
      roles.set(String(headers['x-sfc-usertoken']), method === 'POST' ? 'creator' : 'joiner');
    }
    const asked = request(`${target}${url}`, {
      method,
      headers: { ...headers, host: new URL(target).host, 'accept-encoding': 'identity' },
    });
    outgoing.on('close', () => asked.destroy());
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const bytes = await bytesOf(answer);
    const isInbox = url.startsWith(RECEIVE) && answer.statusCode === 200;
    const sent = isInbox ? await answerInbox(incoming, bytes.toString()) : bytes;
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, kept).end(sent);
  };

  const server = createServer((incoming, outgoing) => {
    relayOne(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay: RelayServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meddler: honest,
    waiting: undefined,
    forged: [],
    recorded,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return relay;
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const textOf = async (message: IncomingMessage): Promise<string> =>
  (await bytesOf(message)).toString();
