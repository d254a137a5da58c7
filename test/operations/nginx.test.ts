import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import { headerNames } from '../../src/protocol.ts';
import { startProxy, type Proxy } from '../support/nginx.ts';
import { freePort } from '../support/processes.ts';
import { startService, type TestService } from '../support/test-service.ts';

jest.setTimeout(60_000);

/** Another address of this machine: nginx takes whoever has it for a stranger in these tests. */
const STRANGER = '127.0.0.9';

const onlyThisOneIsOwn = (site: string): string =>
  site.replaceAll('allow 127.0.0.1;', 'allow 127.0.0.1/32;');

describe('the service behind the shipped nginx file', () => {
  let service: TestService;
  let proxy: Proxy;

  beforeAll(async () => {
    service = await startService({ environment: { TRUST_PROXY: 'loopback' } });
    const { port } = service.server.address() as AddressInfo;
    proxy = await startProxy([port], onlyThisOneIsOwn);
  });
  afterAll(async () => {
    await proxy.stop();
    await service.close();
  });

  it('answers pages, assets and the API', async () => {
    const page = await proxy.ask('/');
    const asset = /\/assets\/[^"]+\.js/.exec(page.text)?.[0] ?? 'none';

    expect(page.status).toBe(200);
    expect((await proxy.ask(asset)).status).toBe(200);
    expect((await proxy.ask('/api/v1/chat.json', { method: 'DELETE' })).status).toBe(401);
  });

  it.each([
    ['/healthz', 200],
    ['/readyz', 404],
    ['/metrics', 404],
  ])('shows strangers of %s what a code of %i says', async (path, status) => {
    const { status: found, text } = await proxy.ask(path, { from: STRANGER });

    expect(found).toBe(status);
    expect(text).not.toContain('storage');
  });

  it.each([
    ['/healthz', 200],
    ['/readyz', 200],
    ['/metrics', 404],
  ])('shows whoever is on this machine of %s what a code of %i says', async (path, status) => {
    expect((await proxy.ask(path)).status).toBe(status);
  });

  it.each([
    [413, '/api/v1/messages.json', { method: 'POST', body: 'x'.repeat(40_000) }],
    [414, `/api/v1/${'x'.repeat(40_000)}`, {}],
    [400, '/api/v1/chat.json', { headers: { 'X-Long': 'x'.repeat(40_000) } }],
  ])('refuses with %i in JSON what is too much', async (code, path, options) => {
    const { status, headers, text } = await proxy.ask(path, options);

    expect(status).toBe(code);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text)).toMatchObject({ results: { code } });
  });

  it('answers what is no request in JSON', async () => {
    const answer = await proxy.raw('GET /api/v1/\u0001 nonsense\r\n\r\n');

    expect(answer).toContain('application/json');
    expect(answer).toContain('{"results":{"code":400,');
  });
});

describe('nginx without anybody behind it', () => {
  let proxy: Proxy;

  beforeAll(async () => {
    proxy = await startProxy([await freePort()]);
  });
  afterAll(() => proxy.stop());

  it('says under /api in JSON that it will pass', async () => {
    const { status, headers, text } = await proxy.ask('/api/v1/messages.json');

    expect(status).toBe(503);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['retry-after']).toBe('2');
    expect(JSON.parse(text)).toMatchObject({ results: { code: 503 } });
  });

  it.each(['/', '/chat', '/faq'])('shows at %s a page that asks again', async (path) => {
    const { status, headers, text } = await proxy.ask(path);

    expect(status).toBe(503);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('http-equiv="refresh"');
  });

  it('writes no address into any log, whatever goes wrong', async () => {
    await proxy.ask('/api/v1/messages.json', { from: STRANGER });
    await proxy.ask('/api/v1/messages.json', { method: 'POST', body: 'x'.repeat(40_000) });
    await proxy.raw('nonsense\r\n\r\n');

    expect(proxy.logs()).not.toMatch(/client|127\.0\.0/);
  });
});

describe('nginx without anybody behind it, on the machine of the releases', () => {
  let releases = '';
  let proxy: Proxy;

  beforeAll(async () => {
    releases = mkdtempSync(path.join(tmpdir(), 'sfchat-built-'));
    // As in an installation: whoever nginx runs as may read.
    chmodSync(releases, 0o755);
    for (const [release, file] of [
      ['current', 'chat-NEW.js'],
      ['previous', 'chat-OLD.js'],
    ] as const) {
      mkdirSync(path.join(releases, release, 'public/assets'), { recursive: true });
      writeFileSync(path.join(releases, release, 'public/assets', file), `// ${release}`);
    }
    proxy = await startProxy([await freePort()], (site) =>
      site.replaceAll('/opt/sfchat', releases),
    );
  });
  afterAll(async () => {
    await proxy.stop();
    rmSync(releases, { recursive: true });
  });

  it.each([
    ['/assets/chat-NEW.js', '// current'],
    ['/assets/chat-OLD.js', '// previous'],
  ])('serves %s, so that a page which has just been loaded is whole', async (asset, text) => {
    const answer = await proxy.ask(asset);

    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers['content-type']).toMatch(
      /^(text|application)\/javascript; charset=utf-8$/,
    );
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('says of what is in no release that it will pass', async () => {
    const answer = await proxy.ask('/assets/none.js');

    expect(answer.status).toBe(503);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('the shipped nginx file beside what distributions set for all sites', () => {
  it('is accepted, and keeps the version of nginx to itself', async () => {
    const proxy = await startProxy([await freePort()], (site) => `server_tokens build;\n${site}`);
    const { headers } = await proxy.ask('/');
    await proxy.stop();

    expect(headers['server']).toBe('nginx');
  });
});

describe('one address that asks for too much at once', () => {
  it('is refused in JSON, and its neighbour is not', async () => {
    const service = await startService({ environment: { TRUST_PROXY: 'loopback' } });
    const { port } = service.server.address() as AddressInfo;
    const fewer = (site: string): string =>
      site.replace(/limit_conn sfchat_neighbours \d+/, 'limit_conn sfchat_neighbours 2');
    const proxy = await startProxy([port], fewer);
    const { creator, joiner } = await service.client.quietPair();
    const ask = (person: typeof creator, from: string) =>
      proxy.ask('/api/v1/messages.json', {
        from,
        headers: {
          [headerNames.chatToken]: person.chatToken,
          [headerNames.userToken]: person.userToken,
        },
      });
    const held = [ask(creator, STRANGER), ask(joiner, STRANGER)];
    await service.held(2);

    const refused = await proxy.ask('/api/v1/messages.json', { from: STRANGER });
    const neighbour = await proxy.ask('/api/v1/messages.json');

    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('10');
    expect(JSON.parse(refused.text)).toMatchObject({ results: { code: 429 } });
    expect(neighbour.status).toBe(401);
    service.parts.stop();
    await Promise.all(held);
    await proxy.stop();
    await service.close();
  });
});

describe('two processes behind the shipped nginx file', () => {
  it('each get the chats of their own, with every request of theirs', async () => {
    const services = await Promise.all([startService(), startService()]);
    const ports = services.map(({ server }) => (server.address() as AddressInfo).port);
    const proxy = await startProxy(ports);
    const ask = async (method: string, headers: Readonly<Record<string, string>>) =>
      (await proxy.ask('/api/v1/chat.json', { method, headers })).status;

    for (let chats = 0; chats < 32; chats += 1) {
      const tokens = { [headerNames.chatToken]: newToken(), [headerNames.userToken]: newToken() };
      // These two share no storage: another process would not know the chat.
      expect(await ask('POST', tokens)).toBe(201);
      for (let times = 0; times < 3; times += 1) expect(await ask('GET', tokens)).toBe(200);
    }

    for (const { backend } of services)
      expect((await backend.store.countByStatus()).draft).toBeGreaterThan(0);
    await proxy.stop();
    await Promise.all(services.map((service) => service.close()));
  });

  it('each answer for the chats of the other while that is away', async () => {
    const [staying, leaving] = await Promise.all([startService(), startService()]);
    const ports = [staying, leaving].map(({ server }) => (server.address() as AddressInfo).port);
    const proxy = await startProxy(ports);
    const askForManyChats = async (): Promise<Set<number>> => {
      const codes = new Set<number>();
      for (let chats = 0; chats < 32; chats += 1) {
        const headers = { [headerNames.chatToken]: newToken() };
        codes.add((await proxy.ask('/healthz', { headers })).status);
      }
      return codes;
    };

    const before = await askForManyChats();
    await leaving.close();
    const after = await askForManyChats();
    await proxy.stop();
    await staying.close();

    expect([...before, ...after]).toEqual([200, 200]);
  });
});
