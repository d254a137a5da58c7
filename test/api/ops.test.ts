import { request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { useFreshService, useService } from '../support/test-service.ts';

describe('/healthz', () => {
  const service = useFreshService();

  it('is 200 while the process lives, also while it stops', async () => {
    const { client, parts } = service();
    expect(await client.at('').call('GET', 'healthz')).toMatchObject({ status: 200 });

    parts.stop();

    expect(await client.at('').call('GET', 'healthz')).toMatchObject({ status: 200 });
  });
});

describe('/readyz', () => {
  const ready = useFreshService();
  const withoutStore = useFreshService({
    adapt: ({ store }) => ({
      store: Object.assign(Object.create(store) as typeof store, {
        ping: () => Promise.reject(new StorageUnavailable(new Error('10.0.0.7 is away'))),
        disconnect: () => store.disconnect(),
      }),
    }),
  });
  const withoutWakeUps = useFreshService({
    adapt: ({ wakeBus }) => ({ wakeBus: { ...wakeBus, isHealthy: () => false } }),
  });
  const readyz = (service: typeof ready) => service().client.at('').call('GET', 'readyz');

  it('is 200 with the state of each part', async () => {
    const { status, results } = await readyz(ready);

    expect(status).toBe(200);
    expect(results).toMatchObject({ parts: { server: 'ok', storage: 'ok', wake: 'ok' } });
  });

  it('is 503 when the storage is away, and does not say where it was', async () => {
    const { status, results, headers, text } = await readyz(withoutStore);

    expect(status).toBe(503);
    expect(results).toMatchObject({ parts: { server: 'ok', storage: 'down' } });
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(text).not.toContain('10.0.0.7');
  });

  it('is 503 while the server stops, so that nobody sends it more', async () => {
    ready().parts.stop();

    const { status, results } = await readyz(ready);

    expect(status).toBe(503);
    expect(results).toMatchObject({ parts: { server: 'down' } });
  });

  it('is 200 when wake-ups get lost: polls fall back to iterations', async () => {
    const { status, results } = await readyz(withoutWakeUps);

    expect(status).toBe(200);
    expect(results).toMatchObject({ parts: { wake: 'degraded' } });
  });
});

describe('/metrics', () => {
  const open = useService();
  const guarded = useService({ environment: { METRICS_TOKEN: 'correct horse' } });
  const behindProxy = useService({ environment: { TRUST_PROXY: 'loopback' } });
  const guardedBehindProxy = useService({
    environment: { TRUST_PROXY: '1', METRICS_TOKEN: 'correct horse' },
  });
  const metrics = (service: typeof open, headers: Record<string, string> = {}) =>
    service().client.raw('GET', '/metrics', { headers });

  it('does not grow with the methods that somebody invents', async () => {
    const { port } = open().server.address() as AddressInfo;
    const methods = ['PROPFIND', 'MKCOL', 'PURGE', 'M-SEARCH', 'LINK', 'TRACE'];
    for (const method of methods) {
      const res = await new Promise<IncomingMessage>((resolve) =>
        request({ port, method, path: '/nowhere' }, resolve).end(),
      );
      res.resume();
    }

    const { text } = await metrics(open);
    expect(text).toContain('method="other"');
    for (const method of methods) expect(text).not.toContain(`"${method}"`);
  });

  it('answers this machine in the Prometheus format', async () => {
    const { status, text, headers } = await metrics(open);

    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toMatch(/^# TYPE sfchat_held_polls gauge$/m);
  });

  it.each([
    ['Forwarded', 'for=203.0.113.7'],
    ['Via', '1.1 proxy'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-For', ''],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'chat.example'],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded', '203.0.113.7'],
    ['X-Real-IP', '127.0.0.1'],
    ['X-Client-IP', '203.0.113.7'],
    ['X-Cluster-Client-IP', '203.0.113.7'],
    ['X-Original-Forwarded-For', '203.0.113.7'],
    ['X-Original-Host', 'chat.example'],
    ['X-Original-URL', '/metrics'],
    ['X-Azure-ClientIP', '203.0.113.7'],
    ['X-Envoy-External-Address', '203.0.113.7'],
    ['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678'],
    ['CF-Connecting-IP', '203.0.113.7'],
    ['CF-Ray', '230b030023ae2822-SJC'],
    ['CDN-Loop', 'cloudflare'],
    ['True-Client-IP', '203.0.113.7'],
    ['Fastly-Client-IP', '203.0.113.7'],
    ['Fly-Client-IP', '203.0.113.7'],
    ['Host', 'chat.example'],
    ['Host', 'chat.example:8000'],
    ['Host', '203.0.113.7'],
    ['Host', 'localhost.chat.example'],
    ['Host', '127.0.0.1.chat.example'],
    ['Host', '[2001:db8::1]:8000'],
    ['Host', ''],
  ])('is not for whoever comes through a proxy on this machine: %s: %s', async (name, value) => {
    const { status, headers } = await metrics(open, { [name]: value });

    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('SFChat');
  });

  it.each(['localhost', 'localhost:8000', 'LOCALHOST', '127.0.0.1', '127.1.2.3:80', '[::1]:8000'])(
    'answers this machine under its own name %s',
    async (host) => {
      expect((await metrics(open, { Host: host })).status).toBe(200);
    },
  );

  it('answers what scrapers say', async () => {
    const { status } = await metrics(open, {
      Accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'Accept-Encoding': 'gzip',
      'User-Agent': 'Prometheus/3.5.0',
      'X-Prometheus-Scrape-Timeout-Seconds': '10',
    });

    expect(status).toBe(200);
  });

  it('is not for whoever speaks the HTTP of a proxy that says nothing else', async () => {
    const { port } = open().server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);

    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is not for whoever is on this machine when a proxy is', async () => {
    expect((await metrics(behindProxy)).status).toBe(401);
    const bearer = { Authorization: 'Bearer correct horse' };
    expect((await metrics(behindProxy, bearer)).status).toBe(401);
    expect((await metrics(guardedBehindProxy)).status).toBe(401);
    expect((await metrics(guardedBehindProxy, bearer)).status).toBe(200);
  });

  it('answers whoever bears the token, also through a proxy, and nobody else', async () => {
    const bearer = { Authorization: 'Bearer correct horse' };

    expect((await metrics(guarded, bearer)).status).toBe(200);
    expect((await metrics(guarded, { ...bearer, 'X-Forwarded-For': '192.0.2.1' })).status).toBe(
      200,
    );
    expect((await metrics(guarded)).status).toBe(401);
    for (const wrong of ['correct horse', 'Bearer ', 'Bearer correct', 'Basic correct horse']) {
      expect((await metrics(guarded, { Authorization: wrong })).status).toBe(401);
    }
  });

  it('counts chats, messages and answers by route, and names nobody', async () => {
    const { client, held } = open();
    const { creator, joiner } = await client.quietPair();
    await client.send(creator, 'a secret of two');
    const { results } = await client.empty(joiner);
    client.hold(joiner);
    await held(1);
    await client.raw('GET', `/${creator.chatToken}`);
    await client.raw('GET', `/api/v1/${creator.userToken}`);

    const { text } = await metrics(open);

    expect(text).toContain('sfchat_events_total{event="created"} 1');
    expect(text).toContain('sfchat_events_total{event="joined"} 1');
    expect(text).toContain('sfchat_events_total{event="sent"} 1');
    expect(text).toContain('sfchat_held_polls 1');
    expect(text).toMatch(/route="\/api\/v1\/messages\.json",method="POST",code="202"} 1$/m);
    const secrets = [
      creator.chatToken,
      creator.userToken,
      joiner.userToken,
      results.messages[0]!._id,
      'secret',
      '127.0.0.1',
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it('has no more lines, whatever strangers ask for', async () => {
    await open().client.raw('GET', '/somewhere');
    // The first answer of this resource is counted when the second is asked for.
    await metrics(open);
    const before = (await metrics(open)).text.split('\n').length;

    for (const path of ['/a', '/b', '/c?d', '/api/v1/e']) await open().client.raw('GET', path);

    expect((await metrics(open)).text.split('\n')).toHaveLength(before);
  });
});

describe('a path for operators', () => {
  const service = useService();

  it.each(['/healthz', '/readyz', '/metrics'])(
    '%s has no method but GET and HEAD',
    async (path) => {
      const { client } = service();
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
        const { status, headers } = await client.at('').call(method, path.slice(1));
        expect(status).toBe(501);
        expect(headers['allow']).toBe('GET, HEAD');
      }
      expect((await client.raw('HEAD', path)).status).toBe(200);
    },
  );

  it('/admin is 404 without a password for it', async () => {
    for (const path of ['/admin', '/admin/', '/admin/queues']) {
      expect((await service().client.raw('GET', path)).status).toBe(404);
    }
  });
});
