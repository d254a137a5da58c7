import { sendBytes } from '../support/bytes.ts';
import { captureLog } from '../support/captured-log.ts';
import type { Method } from '../support/test-client.ts';
import { useFreshService, useService } from '../support/test-service.ts';

const HOST = 'chat.example';

type Headers = Readonly<Record<string, string>>;

/** What browsers send along when a page of somebody else asks. */
const foreign: [string, Headers][] = [
  ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a sibling of this site', { 'Sec-Fetch-Site': 'same-site' }],
  [
    'another site that names our origin',
    { 'Sec-Fetch-Site': 'cross-site', Origin: `https://${HOST}` },
  ],
  ['another origin', { Origin: 'https://evil.example' }],
  ['an origin that begins like ours', { Origin: `https://${HOST}.evil.example` }],
  ['an origin with our name as a user', { Origin: `https://${HOST}@evil.example` }],
  ['a sibling, in an old browser', { Origin: `https://www.${HOST}` }],
  ['another port of this host', { Origin: `https://${HOST}:8443` }],
  ['an origin that is kept secret', { Origin: 'null' }],
  ['an origin that is none', { Origin: HOST }],
  ['an empty origin', { Origin: '' }],
  ['an extension of the browser', { Origin: `chrome-extension://${HOST}` }],
  [
    'another origin, in a browser with words of its own',
    { 'Sec-Fetch-Site': 'elsewhere', Origin: 'https://evil.example' },
  ],
];

const own: [string, Headers][] = [
  ['no browser', {}],
  ['a page of ours', { 'Sec-Fetch-Site': 'same-origin', Origin: `https://${HOST}` }],
  ['a page of ours that names no referrer', { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }],
  ['the person, not a page', { 'Sec-Fetch-Site': 'none' }],
  ['a page of ours, in an old browser', { Origin: `https://${HOST}` }],
  ['a page of ours without TLS', { Origin: `http://${HOST}` }],
  ['a page of ours, in other letters', { Origin: 'https://CHAT.example' }],
];

/** Everything that changes something, and a resource that there is not. */
const changing: [Method, string][] = [
  ['POST', 'chat.json'],
  ['PUT', 'chat.json'],
  ['DELETE', 'chat.json'],
  ['PATCH', 'chat.json'],
  ['POST', 'messages.json'],
  ['DELETE', 'messages.json'],
  ['POST', 'anything.json'],
];

describe('a browser that creates a chat', () => {
  const service = useFreshService();
  const create = (headers: Headers) =>
    service().client.call('POST', 'chat.json', { headers: { Host: HOST, ...headers } });

  it.each(foreign)('for %s is refused, and nothing happens', async (_who, headers) => {
    const { status, text } = await create(headers);

    expect([status, text]).toEqual([403, '{"results":{"code":403,"msg":"Forbidden"}}']);
    const counts = await service().backend.store.countByStatus();
    expect(counts).toEqual({ draft: 0, ready: 0, closed: 0 });
  });

  it.each(own)('for %s has a chat', async (_who, headers) => {
    expect(await create(headers)).toMatchObject({ status: 201 });
  });

  it.each([
    ['127.0.0.1:8000', 'http://127.0.0.1:8000', 201],
    ['127.0.0.1:8000', 'http://127.0.0.1:8001', 403],
    ['127.0.0.1:8000', 'http://127.0.0.1', 403],
    ['chat.example:443', 'https://chat.example', 201],
    ['chat.example', 'https://chat.example:443', 201],
    ['chat.example:80', 'http://chat.example', 201],
    ['chat.example:80', 'https://chat.example', 403],
    ['Chat.Example', 'https://chat.example', 201],
    ['[::1]:8000', 'http://[::1]:8000', 201],
    ['[2001:DB8:0::1]', 'https://[2001:db8::1]', 201],
    ['[::1]:8000', 'http://[::2]:8000', 403],
  ])('at the host %s from the origin %s is answered %i', async (host, origin, expected) => {
    const { status } = await create({ Host: host, Origin: origin });

    expect(status).toBe(expected);
  });

  it('names no host and yet an origin: refused', async () => {
    const { status } = await sendBytes(service().server, {
      method: 'POST',
      path: '/api/v1/chat.json',
      headers: { Host: '', Origin: 'https://chat.example' },
      body: Buffer.alloc(0),
    });

    expect(status).toBe(403);
  });
});

describe('a request for another site', () => {
  const log = captureLog();
  const service = useService({
    environment: { LIMIT_FAILED_AUTHENTICATIONS: '1', LIMIT_FAILED_JOINS: '1' },
    logger: log.logger,
  });
  const client = () => service().client;
  const crossSite = { 'Sec-Fetch-Site': 'cross-site' };

  it.each(changing)('is refused: %s %s', async (method, resource) => {
    const { creator } = await client().quietPair();

    for (const base of ['/api/v1', '/api']) {
      const call = { person: creator, headers: crossSite, body: { data: {} } };
      expect(await client().at(base).call(method, resource, call)).toMatchObject({ status: 403 });
    }
    expect((await client().state(creator)).results.status).toBe('ready');
  });

  it.each(['GET', 'HEAD', 'OPTIONS'] as const)('is none of these when it is %s', async (method) => {
    const { creator } = await client().quietPair();
    const call = { person: creator, headers: crossSite };

    const { status } = await client().raw(method, '/api/v1/chat.json', call);

    expect(status).toBe(method === 'OPTIONS' ? 501 : 200);
  });

  it('is refused before anybody looks at its tokens, its body, or counts it', async () => {
    for (let index = 0; index < 5; index += 1) {
      const close = await client().call('DELETE', 'chat.json', { headers: crossSite });
      const join = await client().call('PUT', 'chat.json', { headers: crossSite });
      const large = await client().call('POST', 'chat.json', {
        headers: crossSite,
        body: 'x'.repeat(20_000),
        type: 'text/plain',
      });
      expect([close.status, join.status, large.status]).toEqual([403, 403, 403]);
    }
    expect(await client().call('DELETE', 'chat.json')).toMatchObject({ status: 401 });
    expect(await client().join('0123456789abcdef01234567')).toMatchObject({ status: 404 });
  });

  it('is of an unknown version first', async () => {
    const headers = { ...crossSite, 'X-SFC-VERSION': 'v2' };

    expect(await client().call('POST', 'chat.json', { headers })).toMatchObject({ status: 404 });
  });

  it('may be the report of a browser that keeps our policy', async () => {
    const { status } = await client().raw('POST', '/csp-report', {
      headers: { ...crossSite, Origin: 'null' },
      body: '{"csp-report":{"effective-directive":"img-src"}}',
      type: 'application/csp-report',
    });

    expect(status).toBe(204);
  });

  it('is documented for every operation that changes something', async () => {
    const { text } = await client().raw('GET', '/api/v1/openapi.json');
    const { paths } = JSON.parse(text) as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };

    const operations = Object.values(paths).flatMap((methods) => Object.entries(methods));
    expect(operations).toHaveLength(8);
    for (const [method, { responses }] of operations) {
      expect([method, Object.keys(responses).includes('403')]).toEqual([method, method !== 'get']);
    }
  });
});

describe('behind a proxy', () => {
  const trusting = useFreshService({ environment: { TRUST_PROXY: 'loopback' } });
  const alone = useFreshService();
  const forwarded = { Host: '127.0.0.1:8000', 'X-Forwarded-Host': HOST };

  it.each([
    ['trusted', 201, () => trusting()],
    ['not trusted', 403, () => alone()],
  ])('that is %s the forwarded host gives %i', async (_who, expected, service) => {
    const headers = { ...forwarded, Origin: `https://${HOST}` };

    const { status } = await service().client.call('POST', 'chat.json', { headers });

    expect(status).toBe(expected);
  });
});
