import helmet from 'helmet';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useService } from '../support/test-service.ts';

/**
 * Our headers are computed once and written as one list. Here helmet itself is asked what it sets, as a
 * middleware on a server of its own, and every answer of ours is compared with that.
 */
const byHelmet = new Promise<IncomingHttpHeaders>((resolve) => {
  const protect = helmet({
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy: false,
  });
  const server = createServer((req, res) => {
    protect(req, res, () => res.end());
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    request({ port, agent: false }, (res) => {
      const { date: _date, connection: _connection, ...headers } = res.headers;
      delete headers['transfer-encoding'];
      delete headers['keep-alive'];
      delete headers['content-length'];
      server.close();
      resolve(headers);
    }).end();
  });
});

const service = useService();

const requests: [
  status: number,
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: string,
][] = [
  [200, 'GET', '/'],
  [200, 'GET', '/chat'],
  [404, 'GET', '/nowhere'],
  [404, 'POST', '/nowhere'],
  [501, 'POST', '/'],
  [200, 'GET', '/healthz'],
  [200, 'GET', '/readyz'],
  [200, 'GET', '/metrics'],
  [404, 'GET', '/admin'],
  [204, 'POST', '/csp-report', { 'Content-Type': 'application/json' }, '{}'],
  [400, 'POST', '/csp-report', { 'Content-Type': 'application/json' }, '{'],
  [200, 'GET', '/api/v1/openapi.json'],
  [200, 'GET', '/api/docs'],
  [201, 'POST', '/api/v1/chat.json'],
  [400, 'POST', '/api/v1/chat.json', { 'Content-Type': 'application/json' }, '{'],
  [400, 'POST', '/api/v1/chat.json', { 'Content-Type': 'application/json' }, '"text"'],
  [413, 'POST', '/api/v1/chat.json', { 'Content-Type': 'application/json' }, 'x'.repeat(17_000)],
  [415, 'POST', '/api/v1/chat.json', { 'Content-Type': 'text/plain' }, 'x'],
  [403, 'POST', '/api/v1/chat.json', { 'Sec-Fetch-Site': 'cross-site' }],
  [404, 'PUT', '/api/v1/chat.json'],
  [404, 'GET', '/api/v1/nowhere'],
  [401, 'GET', '/api/v1/messages.json'],
  [401, 'DELETE', '/api/chat.json'],
  [501, 'PUT', '/api/v1/messages.json'],
  [501, 'OPTIONS', '/api/v1/messages.json'],
];

interface Heard {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly raw: readonly string[];
}

const ask = (method: string, path: string, headers = {}, body = ''): Promise<Heard> =>
  new Promise((resolve, reject) => {
    const { port } = service().server.address() as AddressInfo;
    request(
      { port, method, path, headers: { ...headers, 'Content-Length': body.length } },
      (res) => {
        res.resume();
        resolve({ status: res.statusCode, headers: res.headers, raw: res.rawHeaders });
      },
    )
      .on('error', reject)
      .end(body);
  });

describe('the headers of every answer', () => {
  it.each(requests)('are those that helmet sets: %i %s %s', async (code, ...rest) => {
    const { status, headers, raw } = await ask(...rest);

    expect(status).toBe(code);
    expect(headers).toMatchObject(await byHelmet);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';/);
    expect(headers['cache-control']).toBeTruthy();
    expect(headers['x-powered-by']).toBeUndefined();
    // Node would send what is listed twice.
    const names = raw.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names).toHaveLength(new Set(names).size);
  });
});
