import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { sendBytes, type BytesAnswer } from '../support/bytes.ts';
import { startService, useService, type TestService } from '../support/test-service.ts';

const assets = path.resolve('public/assets');
const manifest = JSON.parse(readFileSync(path.join(assets, 'manifest.json'), 'utf8')) as Record<
  string,
  string
>;
const built = Object.values(manifest).flatMap((name) => [name, `${name}.map`]);

const get = (
  service: TestService,
  name: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<BytesAnswer> =>
  sendBytes(service.server, { method, path: `/assets/${name}`, headers, body: Buffer.alloc(0) });

describe('an asset that the build wrote', () => {
  const service = useService();

  it.each([
    ['.js', 'text/javascript; charset=utf-8'],
    ['.css', 'text/css; charset=utf-8'],
    ['.map', 'application/json; charset=utf-8'],
  ])('ending in %s has the type %s, and is kept for a year', async (ending, type) => {
    const names = built.filter((name) => name.endsWith(ending));
    expect(names).not.toEqual([]);

    for (const name of names) {
      const { status, headers } = await get(service(), name);
      expect([name, status, headers['content-type']]).toEqual([name, 200, type]);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
  });

  it.each([
    ['br', '.br', brotliDecompressSync],
    ['gzip', '.gz', gunzipSync],
    ['identity', '', (bytes: Buffer) => bytes],
  ])('goes out in the form %s as it was written', async (encoding, suffix, decode) => {
    for (const name of built) {
      const { headers, bytes } = await get(service(), name, { 'Accept-Encoding': encoding });
      expect(headers['content-encoding'] ?? 'identity').toBe(encoding);
      expect(headers.vary).toBe('Accept-Encoding');
      expect(headers['content-length']).toBe(String(bytes.length));
      expect(bytes.equals(readFileSync(path.join(assets, name + suffix)))).toBe(true);
      expect(decode(bytes).equals(readFileSync(path.join(assets, name)))).toBe(true);
    }
  });

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['deflate', undefined],
    ['', undefined],
  ])('goes out as small as a client that takes "%s" can read', async (accepted, encoding) => {
    const { headers } = await get(service(), built[0]!, { 'Accept-Encoding': accepted });

    expect(headers['content-encoding']).toBe(encoding);
  });

  it('is not sent again to whoever has it in the same form', async () => {
    const accepted = { 'Accept-Encoding': 'br' };
    const { headers } = await get(service(), built[0]!, accepted);
    const known = { 'If-None-Match': headers.etag! };

    const again = await get(service(), built[0]!, { ...accepted, ...known });
    const other = await get(service(), built[0]!, { 'Accept-Encoding': 'gzip', ...known });

    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    expect(again.headers).toMatchObject({ etag: headers.etag, vary: 'Accept-Encoding' });
    expect(other.status).toBe(200);
  });

  it('has no method but GET and HEAD', async () => {
    const head = await get(service(), built[0]!, {}, 'HEAD');
    const whole = await get(service(), built[0]!);
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.headers['content-length']).toBe(String(whole.bytes.length));

    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await get(service(), built[0]!, {}, method);
      expect([method, status, headers.allow]).toEqual([method, 501, 'GET, HEAD']);
    }
  });

  it.each(['manifest.json', 'nothing.js', 'toString', '__proto__', '..%2findex.html', '%2e%2e%2f'])(
    'is all there is: %s is an unknown page',
    async (name) => {
      const unknown = await service().client.raw('GET', '/nowhere');

      const { status, text } = await get(service(), name);

      expect(status).toBe(404);
      expect(text).toBe(unknown.text);
    },
  );
});

/** Puts a directory where a file was. */
function asDirectory(file: string): void {
  rmSync(file, { force: true });
  mkdirSync(file);
}

describe('the files of the page', () => {
  let publicDir = '';
  let service: TestService;

  beforeEach(async () => {
    publicDir = path.join(mkdtempSync(path.join(tmpdir(), 'sfchat-public-')), 'public');
    cpSync(path.resolve('public'), publicDir, { recursive: true });
    service = await startService({ publicDir });
  });
  afterEach(async () => {
    await service.close();
    rmSync(path.dirname(publicDir), { recursive: true, force: true });
  });

  it('may vanish under a server that runs, as in an upgrade', async () => {
    rmSync(publicDir, { recursive: true });

    for (const name of built) expect((await get(service, name)).status).toBe(200);
    for (const page of ['/', '/chat', '/favicon.svg']) {
      expect((await service.client.raw('GET', page)).status).toBe(200);
    }
    expect((await service.client.raw('GET', '/healthz')).status).toBe(200);
  });

  it('may become directories under a server that runs', async () => {
    for (const name of built) asDirectory(path.join(publicDir, 'assets', name));
    asDirectory(path.join(publicDir, 'favicon.svg'));

    for (const name of built) expect((await get(service, name)).status).toBe(200);
    expect((await service.client.raw('GET', '/favicon.svg')).status).toBe(200);
  });

  it('are needed when it starts', async () => {
    rmSync(path.join(publicDir, 'assets', built[0]!));
    await expect(startService({ publicDir })).rejects.toThrow('npm run build');

    asDirectory(path.join(publicDir, 'assets', built[0]!));
    await expect(startService({ publicDir })).rejects.toThrow('npm run build');
  });

  it('of the release before are served as far as they can be read', async () => {
    const before = path.join(publicDir, 'assets.previous');
    mkdirSync(before);
    for (const name of ['old-1.js', 'old-2.js']) {
      for (const ending of ['', '.br', '.gz'])
        writeFileSync(path.join(before, name + ending), name);
    }
    asDirectory(path.join(before, 'old-2.js'));
    const upgraded = await startService({ publicDir });
    const found = [await get(upgraded, 'old-1.js'), await get(upgraded, 'old-2.js')];
    await upgraded.close();

    expect(found.map(({ status }) => status)).toEqual([200, 404]);
  });
});
