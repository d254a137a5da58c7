import { readFileSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { sendBytes, type BytesAnswer } from '../support/bytes.ts';
import { useService } from '../support/test-service.ts';

const pages = ['/', '/chat', '/privacy', '/license', '/faq'];

describe('a page', () => {
  const service = useService();
  const client = () => service().client;

  it.each(pages)('is HTML that a browser asks for again each time: %s', async (path) => {
    const { status, headers, text } = await client().raw('GET', path);

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(text).toMatch(/^<!doctype html>/i);
    expect(text).not.toContain('{{');
  });

  it.each([...pages, '/nowhere', '/api/docs'])(
    'allows nothing unsafe and nothing from elsewhere: %s',
    async (path) => {
      const { headers, text } = await client().raw('GET', path);

      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
      expect(text).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)[^>]*>/i);
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
      expect(text).not.toMatch(/(?:src|action)="(?:https?:)?\/\//i);
      expect(text).not.toMatch(/<link[^>]+href="(?:https?:)?\/\//i);
    },
  );

  it('tells its script what is configured', async () => {
    const { text } = await client().raw('GET', '/chat');

    expect(text).toContain('data-chat-token-header="X-SFC-chatToken"');
    expect(text).toContain('data-user-token-header="X-SFC-userToken"');
    expect(text).toContain('data-message-max-length="140"');
  });

  it.each(pages)('is not sent again while it has not changed: %s', async (path) => {
    const first = await client().raw('GET', path);
    const etag = first.headers['etag'] ?? '';
    expect(etag).toMatch(/^"\S+"$/);

    const again = await client().raw('GET', path, { headers: { 'If-None-Match': etag } });
    const other = await client().raw('GET', path, { headers: { 'If-None-Match': '"other"' } });

    expect(again.status).toBe(304);
    expect(again.text).toBeFalsy();
    expect(other.status).toBe(200);
  });

  it('that does not exist is a page that says so, and no answer to other methods', async () => {
    const { status, headers, text } = await client().raw('GET', '/nowhere');
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toMatch(/^<!doctype html>/i);

    const posted = await client().at('').call('POST', 'nowhere');
    expect(posted).toMatchObject({ status: 404, results: { msg: 'Not Found' } });
  });

  it('has no method but GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const { status, headers } = await client().at('').call(method, 'chat');
      expect(status).toBe(501);
      expect(headers['allow']).toBe('GET, HEAD');
    }
    const { status, text } = await client().raw('HEAD', '/');
    expect(status).toBe(200);
    expect(text).toBeFalsy();
  });

  it('makes no chat, whatever its address says', async () => {
    for (const path of [...pages, '/?create', '/chat?create=1', '/chat#x', '/join/abc']) {
      await client().raw('GET', path);
    }

    const counts = await service().backend.store.countByStatus();
    expect(counts).toEqual({ draft: 0, ready: 0, closed: 0 });
  });

  it('sets no cookie', async () => {
    for (const path of pages) {
      expect((await client().raw('GET', path)).headers).not.toHaveProperty('set-cookie');
    }
  });
});

describe('compressed content', () => {
  const service = useService();
  const get = (path: string, accepted: string): Promise<BytesAnswer> =>
    sendBytes(service().server, {
      method: 'GET',
      path,
      headers: { 'Accept-Encoding': accepted },
      body: Buffer.alloc(0),
    });
  const decoders = {
    br: brotliDecompressSync,
    gzip: gunzipSync,
    identity: (bytes: Buffer) => bytes,
  };
  const assetPath = async (): Promise<string> => {
    const { text } = await service().client.raw('GET', '/chat');
    return /\/assets\/[\w.-]+\.js/.exec(text)![0];
  };

  it.each(['br', 'gzip', 'identity'] as const)('is the same page as %s', async (encoding) => {
    const plain = await service().client.raw('GET', '/faq').set('Accept-Encoding', 'identity');

    const { status, headers, bytes } = await get('/faq', encoding);

    expect(status).toBe(200);
    expect(headers['content-encoding'] ?? 'identity').toBe(encoding);
    expect(headers.vary).toMatch(/accept-encoding/i);
    expect(decoders[encoding](bytes).toString()).toBe(plain.text);
  });

  it.each(['br', 'gzip', 'identity'] as const)('is the same asset as %s', async (encoding) => {
    const path = await assetPath();

    const { status, headers, bytes } = await get(path, encoding);

    expect(status).toBe(200);
    expect(headers['content-encoding'] ?? 'identity').toBe(encoding);
    expect(headers.vary).toMatch(/accept-encoding/i);
    expect(decoders[encoding](bytes).equals(readFileSync(`public${path}`))).toBe(true);
  });

  it('has a tag of its own for each encoding, so that a cache does not mix them up', async () => {
    const tags = new Set<string | undefined>();
    for (const encoding of ['br', 'gzip', 'identity']) {
      tags.add((await get('/', encoding)).headers.etag);
    }

    expect(tags.size).toBe(3);
  });
});

describe('an asset', () => {
  const service = useService();
  const client = () => service().client;
  const assetsOf = async (path: string): Promise<string[]> => {
    const { text } = await client().raw('GET', path);
    return [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, asset]) => asset!);
  };

  it('has a name that changes with its content, and is kept for a year', async () => {
    for (const page of [...pages, '/api/docs']) {
      const assets = await assetsOf(page);
      expect(assets).not.toEqual([]);
      for (const asset of assets) {
        const { status, headers } = await client().raw('GET', asset);
        expect(asset).toMatch(/^\/assets\/[\w.-]+-[0-9A-Z]{8}\.(js|css)$/);
        expect(status).toBe(200);
        expect(headers['cache-control']).toMatch(/max-age=31536000.*immutable/);
        expect(headers['x-content-type-options']).toBe('nosniff');
        expect(headers['content-type']).toMatch(/^text\/(javascript|css)/);
      }
    }
  });

  it('that does not exist is 404, and nothing outside of the directory exists', async () => {
    const paths = [
      '/assets/nothing.js',
      '/assets/',
      '/assets/../index.html',
      '/assets/%2e%2e/404.html',
    ];
    for (const path of [...paths, '/assets/..%2f..%2fpackage.json', '/.env', '/index.html']) {
      const { status } = await sendBytes(service().server, {
        method: 'GET',
        path,
        body: Buffer.alloc(0),
      });
      expect([path, status]).toEqual([path, 404]);
    }
  });

  it.each(['/robots.txt', '/favicon.svg', '/favicon.ico'])(
    'beside the pages is there: %s',
    async (path) => {
      const { status, headers } = await client().raw('GET', path);

      expect(status).toBe(200);
      expect(headers['cache-control']).toMatch(/max-age=\d+/);
    },
  );
});
