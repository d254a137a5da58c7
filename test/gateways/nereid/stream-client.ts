import { once } from 'node:events';
import { request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../support/eventually.ts';
import type { Person } from '../../support/test-client.ts';

export interface StreamMessage {
  readonly subject: null;
  readonly text: string;
  readonly type: string;
  readonly language: string;
  readonly attachments: readonly unknown[];
  readonly id: string;
  readonly thread: string;
  readonly sender: {
    readonly objectType: string;
    readonly id: string;
    readonly displayName: string;
  };
}

export interface StreamPresence {
  readonly entity: string;
  readonly show: string;
  readonly available: boolean;
}

export interface StreamStanza {
  readonly timestamp: string;
  readonly type?: 'message' | 'presence';
  readonly message?: StreamMessage;
  readonly presence?: readonly StreamPresence[];
  readonly stanzas?: readonly StreamStanza[];
}

export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: number;
  readonly data?: StreamStanza;
}

export interface StreamOptions {
  readonly path?: string;
  readonly person?: Person;
  readonly lastEventId?: string | undefined;
}

/** An event stream as its bytes say it, read by nobody's rules but those of the standard. */
export interface TestStream {
  readonly response: IncomingMessage;
  /** Everything that has come. */
  raw(): string;
  events(): StreamEvent[];
  messages(): StreamMessage[];
  texts(): string[];
  presences(): (readonly StreamPresence[])[];
  comments(): number;
  /** Resolves when so many messages have come. */
  hasMessages(count: number): Promise<void>;
  hasEnded(): Promise<void>;
  lastId(): string | undefined;
  abort(): void;
}

export const tokenHeaders = ({ chatToken, userToken }: Person) => ({
  'X-SFC-chatToken': chatToken,
  'X-SFC-userToken': userToken,
});

export async function openStream(server: Server, options: StreamOptions): Promise<TestStream> {
  const { path = '/nereid-chat/stream', person, lastEventId } = options;
  const { port } = server.address() as AddressInfo;
  const outgoing = request({
    port,
    host: '127.0.0.1',
    path,
    agent: false,
    headers: {
      ...(person && tokenHeaders(person)),
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    },
  });
  outgoing.on('error', () => undefined).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let raw = '';
  response.setEncoding('utf8').on('data', (text: string) => (raw += text));
  response.on('error', () => undefined);
  let hasEnded = false;
  response.on('close', () => (hasEnded = true));

  const events = () => eventsIn(raw);
  const stanzas = () => events().flatMap(({ data }) => (data ? (data.stanzas ?? [data]) : []));
  const messages = () => stanzas().flatMap(({ message }) => message ?? []);
  return {
    response,
    raw: () => raw,
    events,
    messages,
    texts: () => messages().map(({ text }) => text),
    presences: () => stanzas().flatMap(({ presence }) => (presence ? [presence] : [])),
    comments: () => (raw.match(/^:$/gm) ?? []).length,
    hasMessages: (count) =>
      eventually(() => messages().length >= count, `${count} messages have come`),
    hasEnded: () => eventually(() => hasEnded, 'the stream has ended'),
    lastId: () => events().findLast(({ id }) => id !== undefined)?.id,
    abort: () => {
      outgoing.destroy();
    },
  };
}

function eventsIn(raw: string): StreamEvent[] {
  return raw
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const fields = block
        .split('\n')
        .filter((line) => !line.startsWith(':'))
        .map((line) => /^([a-z]+): ?(.*)$/.exec(line)?.slice(1) ?? ['malformed', line]);
      const { id, event, retry, data, malformed } = Object.fromEntries(fields) as Record<
        string,
        string | undefined
      >;
      if (malformed !== undefined) throw new Error(`No line of an event stream: ${malformed}`);
      return {
        ...(id !== undefined && { id }),
        ...(event !== undefined && { event }),
        ...(retry !== undefined && { retry: Number(retry) }),
        ...(data !== undefined && { data: JSON.parse(data) as StreamStanza }),
      };
    });
}
