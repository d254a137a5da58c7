import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { newToken } from '../../src/chat/chat.ts';
import { sendBytes } from '../support/bytes.ts';
import type { Answer, Method, TestClient } from '../support/test-client.ts';
import { useService } from '../support/test-service.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: z.core.JSONSchema.BaseSchema;
}

interface Content {
  readonly content: Readonly<
    Record<string, { readonly schema: z.core.JSONSchema.BaseSchema } | undefined>
  >;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<
      Record<string, { readonly type: string; readonly in: string; readonly name: string }>
    >;
  };
}

const readDocument = async (client: TestClient, base = '/api/v1'): Promise<Document> => {
  const { status, headers, text } = await client.raw('GET', `${base}/openapi.json`);
  expect(status).toBe(200);
  expect(headers['content-type']).toMatch(/^application\/json/);
  return JSON.parse(text) as Document;
};

const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase() as Method,
      operation,
    })),
  );

const schemaIn = ({ content }: Content) => z.fromJSONSchema(content['application/json']!.schema);

describe('openapi.json', () => {
  const service = useService();
  const client = () => service().client;

  it('is an OpenAPI 3.1 document', async () => {
    const document = await readDocument(client());

    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({
      title: expect.stringMatching(/./) as string,
      version: expect.stringMatching(/./) as string,
    });
    for (const [path, methods] of Object.entries(document.paths)) {
      expect(path).toMatch(/^\//);
      for (const method of Object.keys(methods)) {
        expect(['get', 'put', 'post', 'patch', 'delete', 'head']).toContain(method);
      }
    }
  });

  it('describes operations whole: id, parameters, bodies and answers', async () => {
    const operations = operationsOf(await readDocument(client()));

    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(operations.length);
    for (const { operation } of operations) {
      expect(operation).toMatchObject({
        summary: expect.stringMatching(/./) as string,
        description: expect.stringMatching(/./) as string,
      });
      for (const parameter of operation.parameters ?? []) {
        expect(parameter.name).toMatch(/./);
        expect(['header', 'query', 'path', 'cookie']).toContain(parameter.in);
        expect(() => z.fromJSONSchema(parameter.schema)).not.toThrow();
      }
      for (const [code, response] of Object.entries(operation.responses)) {
        expect(code).toMatch(/^[1-5]\d\d$/);
        expect(response.description).toMatch(/./);
        expect(() => schemaIn(response)).not.toThrow();
      }
      const requestBody = operation.requestBody;
      expect(() => requestBody && schemaIn(requestBody)).not.toThrow();
    }
  });

  it('names the headers that authenticate', async () => {
    const { components, paths } = await readDocument(client());

    const schemes = Object.values(components.securitySchemes);
    expect(schemes.map(({ type }) => type)).toEqual(['apiKey', 'apiKey']);
    expect(schemes.map((scheme) => scheme.in)).toEqual(['header', 'header']);
    const names = schemes.map(({ name }) => name);
    expect(names.toSorted()).toEqual(['X-SFC-chatToken', 'X-SFC-userToken']);
    for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      for (const requirement of operation.security ?? []) {
        // Both in one requirement: one of them alone opens nothing.
        expect(Object.keys(requirement).toSorted()).toEqual(
          Object.keys(components.securitySchemes).toSorted(),
        );
      }
    }
  });

  it('documents exactly the resources and methods that there are', async () => {
    const { paths } = await readDocument(client());

    expect(Object.keys(paths).toSorted()).toEqual(['/api/v1/chat.json', '/api/v1/messages.json']);
    for (const [path, methods] of Object.entries(paths)) {
      const { headers } = await client().at('').call('OPTIONS', path.slice(1));
      const offered = (headers['allow'] ?? '').split(', ').filter((method) => method !== 'HEAD');
      const documented = Object.keys(methods).map((method) => method.toUpperCase());
      expect(documented.toSorted()).toEqual(offered.toSorted());
    }
  });

  it('says of which operations one must be a participant', async () => {
    for (const { path, method, operation } of operationsOf(await readDocument(client()))) {
      const { status } = await client().at('').call(method, path.slice(1));

      expect([path, method, status === 401]).toEqual([
        path,
        method,
        operation.security !== undefined,
      ]);
      expect(Object.keys(operation.responses)).toContain(String(status));
    }
  });

  it('describes the answers as they are', async () => {
    const { paths } = await readDocument(client());
    const expectAsDocumented = (path: string, method: string, answer: Answer) => {
      const { responses } = paths[`/api/v1/${path}`]![method]!;
      expect(Object.keys(responses)).toContain(String(answer.status));
      schemaIn(responses[answer.status]!).parse(JSON.parse(answer.text));
    };

    const created = await client().create();
    expectAsDocumented('chat.json', 'get', await client().state(created.results));
    const joined = await client().join(created.results.chatToken);
    const { results: creator } = created;
    expectAsDocumented('chat.json', 'post', created);
    expectAsDocumented('chat.json', 'post', await client().create(creator));
    expectAsDocumented('chat.json', 'put', joined);
    expectAsDocumented('chat.json', 'put', await client().join(creator.chatToken));
    expectAsDocumented('chat.json', 'put', await client().join(newToken()));
    expectAsDocumented('chat.json', 'get', await client().state(creator));
    expectAsDocumented('messages.json', 'post', await client().send(creator, 'Hi'));
    expectAsDocumented('messages.json', 'post', await client().send(creator, ''));
    expectAsDocumented('messages.json', 'get', await client().receive(creator));
    expectAsDocumented('messages.json', 'get', await client().receive(joined.results));
    const ack = await client().acknowledge(creator, newToken());
    expectAsDocumented('messages.json', 'delete', ack);
    expectAsDocumented('messages.json', 'delete', await client().acknowledge(creator));
    expectAsDocumented('chat.json', 'delete', await client().close(creator));
    expectAsDocumented('messages.json', 'post', await client().send(creator, 'Hi'));
  });

  it('describes the bodies that are taken', async () => {
    const { paths } = await readDocument(client());
    const body = (path: string, method: string) =>
      schemaIn(paths[`/api/v1/${path}`]![method]!.requestBody!);
    const messages = (...list: object[]) => ({ data: { messages: list } });
    const _id = newToken();

    expect(body('chat.json', 'post').safeParse({ data: { encrypted: true } }).success).toBe(true);
    expect(body('chat.json', 'post').safeParse({ data: { encrypted: 1 } }).success).toBe(false);
    const send = body('messages.json', 'post');
    expect(send.safeParse(messages({ msg: 'Hi' }, { msg: 'Hi', _id })).success).toBe(true);
    expect(send.safeParse(messages()).success).toBe(false);
    expect(send.safeParse(messages({ msg: 1 })).success).toBe(false);
    const acknowledge = body('messages.json', 'delete');
    expect(acknowledge.safeParse(messages({ _id })).success).toBe(true);
    expect(acknowledge.safeParse(messages({ _id: 'x' })).success).toBe(false);
  });

  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])(
    'is compressed with %s like everything else, and stays an answer of the API',
    async (encoding, decode) => {
      const get = (accepted: string) =>
        sendBytes(service().server, {
          method: 'GET',
          path: '/api/v1/openapi.json',
          headers: { 'Accept-Encoding': accepted },
          body: Buffer.alloc(0),
        });
      const plain = await get('identity');
      const unknown = await client().raw('GET', '/api/v1/unknown.json');

      const { status, headers, bytes } = await get(encoding);

      expect([status, headers['content-encoding']]).toEqual([200, encoding]);
      expect(headers.vary).toBe('Accept-Encoding');
      expect(decode(bytes).equals(plain.bytes)).toBe(true);
      expect(bytes.length).toBeLessThan(plain.bytes.length / 2);
      for (const name of ['cache-control', 'content-type', 'content-security-policy']) {
        expect([name, headers[name]]).toEqual([name, unknown.headers[name]]);
        expect([name, plain.headers[name]]).toEqual([name, unknown.headers[name]]);
      }
    },
  );

  it('is the same under both forms of its address', async () => {
    expect(await readDocument(client(), '/api')).toEqual(await readDocument(client()));
  });
});

describe('/api/docs', () => {
  const service = useService({ environment: { CHAT_TOKEN_HEADER: 'X-Room' } });

  it('shows people every operation of the document and the headers as configured', async () => {
    const { client } = service();
    const document = await readDocument(client);

    const { status, headers, text } = await client.raw('GET', '/api/docs');

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    for (const { path, method, operation } of operationsOf(document)) {
      expect(text).toContain(`${method} ${path}`);
      expect(text).toContain(operation.summary);
    }
    expect(text).toContain('X-Room');
    expect(text).not.toContain('X-SFC-chatToken');
  });
});
