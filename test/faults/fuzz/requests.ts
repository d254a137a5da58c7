/** What is sent, made at random from the description that the service gives of itself. */

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly unknown[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly maxItems?: number;
}

export type Random = () => number;

const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

const hex = (random: Random, length = 24): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');

/** Texts that have broken something somewhere before. */
const nastyTexts = [
  '',
  ' ',
  '\0',
  '\uD800',
  '\uFEFF',
  '<script>alert(1)</script>',
  "' OR 1=1 --",
  '{"$gt":""}',
  '../../../etc/passwd',
  '%00',
  '%E0%A4%A',
  '\r\nX-Injected: 1',
  '🦊'.repeat(141),
  'a'.repeat(141),
  'a'.repeat(20_000),
  '__proto__',
  'constructor',
  'true',
  'null',
  'NaN',
  '1e999',
  '-1',
];

const nastyValues: readonly unknown[] = [
  ...nastyTexts,
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { $ne: null },
  { toString: 1 },
  ['a', 1, null],
];

/** A value that a schema allows, as a rule, and now and then another. */
function valueOf(schema: Schema, random: Random): unknown {
  if (random() < 0.08) return pick(random, nastyValues);
  const { anyOf, type, properties, items, pattern } = schema;
  if (anyOf !== undefined) return valueOf(pick(random, anyOf), random);
  if (type === 'object') {
    const entries = Object.entries(properties ?? {}).filter(() => random() < 0.9);
    const extra = random() < 0.05 ? [[pick(random, nastyTexts), 1] as const] : [];
    return Object.fromEntries([
      ...entries.map(([name, inner]) => [name, valueOf(inner, random)] as const),
      ...extra,
    ]);
  }
  if (type === 'array') {
    const most = random() < 0.05 ? 300 : 4;
    return Array.from({ length: Math.floor(random() * most) }, () => valueOf(items ?? {}, random));
  }
  if (type === 'boolean') return random() < 0.5;
  if (type === 'integer' || type === 'number') return Math.floor(random() * 100_000);
  if (pattern?.includes('0-9a-f') === true) return hex(random);
  return random() < 0.5 ? `text ${hex(random, 6)}` : pick(random, nastyTexts);
}

/** Breaks bytes: cuts, doubles, replaces. */
function damage(text: string, random: Random): string | Buffer {
  const at = Math.floor(random() * text.length);
  switch (Math.floor(random() * 5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text + text;
    case 2:
      return `${text.slice(0, at)}${pick(random, nastyTexts)}${text.slice(at)}`;
    case 3: {
      const bytes = Buffer.from(text);
      if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      return bytes;
    }
    default:
      return '['.repeat(Math.floor(random() * 8000));
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'];

const types = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json/json',
  '',
];

/** What a header may carry at all; the rest is for the raw socket. */
const headerValue = (text: string): string =>
  text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4000);

export interface KnownTokens {
  readonly chatToken: string;
  readonly userToken: string;
}

/** One request for one of the operations that are described, or beside it. */
export function requestFor(
  { paths }: Description,
  known: readonly KnownTokens[],
  random: Random,
): FuzzRequest {
  const path = pick(random, Object.keys(paths));
  const operations = paths[path] ?? {};
  const described = pick(random, Object.keys(operations));
  const operation = operations[described] ?? {};
  const method = random() < 0.9 ? described.toUpperCase() : pick(random, methods);
  const body = bodyOf(operation, random);
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && random() < 0.5)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(safe(valueOf(schema, random)))}`);
  return {
    method,
    path: `${random() < 0.95 ? path : `${path}/${encodeURIComponent(safe(pick(random, nastyTexts)))}`}?${query.join('&')}`,
    headers: {
      ...tokensFor(known, random),
      ...(random() < 0.1 && {
        'X-SFC-VERSION': headerValue(pick(random, ['v1', 'v2', ...nastyTexts])),
      }),
      ...(random() < 0.05 && { Origin: 'https://elsewhere.example' }),
      ...(body !== undefined && {
        'Content-Type': random() < 0.9 ? 'application/json' : pick(random, types),
      }),
    },
    ...(body !== undefined && !['GET', 'HEAD', 'TRACE'].includes(method) && { body }),
  };
}

/** No lone surrogates: they cannot stand in an address. */
const safe = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed();

function tokensFor(known: readonly KnownTokens[], random: Random): Record<string, string> {
  const own = pick(random, known);
  const token = (right: string): string => {
    const choice = random();
    if (choice < 0.8) return right;
    return choice < 0.9 ? hex(random) : headerValue(pick(random, nastyTexts));
  };
  return {
    ...(random() < 0.95 && { 'X-SFC-chatToken': token(own.chatToken) }),
    ...(random() < 0.95 && { 'X-SFC-userToken': token(own.userToken) }),
  };
}

function bodyOf({ requestBody }: Operation, random: Random): string | Buffer | undefined {
  const schema = requestBody?.content['application/json']?.schema;
  if (schema === undefined) return random() < 0.1 ? pick(random, nastyTexts) : undefined;
  const text = JSON.stringify(valueOf(schema, random));
  return random() < 0.2 ? damage(text, random) : text;
}

/** Bytes for a connection, of which few are HTTP. */
export function garbage(random: Random): Buffer {
  const path = pick(random, ['/api/v1/chat.json', '/api/v1/messages.json', '/', '/ws/gradagenda']);
  const noise = () => Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
  const head = (line: string, ...headers: string[]) =>
    `${[line, 'Host: fuzz', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;
  const texts = [
    head(`GET ${path} HTTP/9.9`),
    head(`GET ${path}`),
    head(`${'A'.repeat(300)} ${path} HTTP/1.1`),
    head(`GET ${path}${'a'.repeat(20_000)} HTTP/1.1`),
    head(`GET ${path} HTTP/1.1`, `X-Long: ${'b'.repeat(20_000)}`),
    head(`GET ${path} HTTP/1.1`, ...Array.from({ length: 3000 }, (_, index) => `X-${index}: 1`)),
    head(`POST ${path} HTTP/1.1`, 'Content-Length: 5', 'Content-Length: 6'),
    head(`POST ${path} HTTP/1.1`, 'Content-Length: -1'),
    head(`POST ${path} HTTP/1.1`, 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    `${head(`POST ${path} HTTP/1.1`, 'Transfer-Encoding: chunked')}ZZZ\r\nabc\r\n0\r\n\r\n`,
    `${head(`POST ${path} HTTP/1.1`, 'Content-Type: application/json', 'Content-Length: 2')}{}GET / HTTP/1.1\r\n\r\n`,
    head(
      `GET ${path} HTTP/1.1`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: x',
    ),
    head(`GET ${path} HTTP/1.1`, 'Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings'),
    head(`GET ${path} HTTP/1.1`, 'X-SFC-chatToken: a\0b'),
    head(`GET ${path} HTTP/1.1`, 'Expect: 200-maybe'),
    head('CONNECT example.org:443 HTTP/1.1'),
    head('GET http://elsewhere.example/ HTTP/1.1'),
    head('OPTIONS * HTTP/1.1'),
    head(`GET //${path}/..;/%2e%2e/ HTTP/1.1`),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    '\r\n\r\n\r\n',
  ];
  if (random() < 0.2) return noise();
  const text = pick(random, texts);
  return random() < 0.3
    ? Buffer.concat([Buffer.from(text, 'latin1'), noise()])
    : Buffer.from(text, 'latin1');
}
