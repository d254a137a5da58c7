import type { Answer, Call, Method, Person } from '../../support/test-client.ts';
import {
  startService,
  type TestService,
  type TestServiceOptions,
} from '../../support/test-service.ts';
import { eventually } from '../../support/eventually.ts';
import { openStream, type StreamOptions, type TestStream } from './stream-client.ts';

/** Milliseconds between two comments. */
export const COMMENT_MS = 15_000;

export interface Nereid extends TestService {
  /** Opens a stream, and waits until it is the live receiver. */
  stream(options: StreamOptions): Promise<TestStream>;
  /** A request to a resource of the gateway. */
  ask(method: Method, resource: string, call?: Call): Promise<NereidAnswer>;
  /** A form with its fields. */
  post(resource: string, fields: Record<string, string>, person?: Person): Promise<NereidAnswer>;
  token(person: Person): Promise<string>;
}

export interface NereidAnswer {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly body: Record<string, unknown>;
}

/** A service with the gateway, anew for each test. */
export function useNereid(options: TestServiceOptions = {}): () => Nereid {
  let nereid: Nereid | undefined;
  const streams: TestStream[] = [];
  beforeEach(async () => {
    const environment = { GATEWAYS: 'nereid', ...options.environment };
    nereid = withNereid(await startService({ ...options, environment }), streams);
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.abort();
    await nereid?.close();
  });
  return () => {
    if (nereid === undefined) throw new Error('The service has not started');
    return nereid;
  };
}

function withNereid(service: TestService, streams: TestStream[]): Nereid {
  const ask = async (method: Method, resource: string, call: Call = {}) => {
    const path = `/nereid-chat/${resource}`;
    const answer = await service.client.raw(method, path, call);
    const { status, headers } = answer;
    // supertest has none where there is no body.
    const text = (answer.text as string | undefined) ?? '';
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status, headers: headers as Answer['headers'], body };
  };
  return {
    ...service,
    ask,
    stream: async (options) => {
      const stream = await openStream(service.server, options);
      streams.push(stream);
      const isOpen = () => stream.response.statusCode !== 200 || stream.raw().includes('data:');
      await eventually(() => isOpen() || stream.response.closed, 'the stream is live');
      return stream;
    },
    post: (resource, fields, person) =>
      ask('POST', resource, {
        ...(person && { person }),
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams(fields).toString(),
      }),
    token: async (person) => {
      const { body } = await ask('POST', 'token', { person });
      return String(body['token']);
    },
  };
}
