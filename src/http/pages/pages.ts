import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Express, RequestHandler } from 'express';
import sirv from 'sirv';
import { failures } from '../../chat/failures.ts';
import { pageHeaders } from '../headers.ts';
import { offer } from '../resource.ts';

export interface PageOptions {
  /** Directory of the pages as they stand in the repository, with `assets/` as the build made it. */
  readonly publicDir: string;
  /** What stands for `{{name}}` in a page. */
  readonly values: Readonly<Record<string, string>>;
}

/** Which page answers where; no path takes a parameter, and no URL has a token in it. */
const pages = {
  '/': 'index.html',
  '/chat': 'chat.html',
  '/privacy': 'privacy.html',
  '/license': 'license.html',
  '/faq': 'faq.html',
};

const files = {
  '/robots.txt': 'text/plain; charset=utf-8',
  '/favicon.svg': 'image/svg+xml',
  '/favicon.ico': 'image/x-icon',
};

/** Pages change with every release: a browser asks each time, and mostly hears 304. */
const REVALIDATE = 'no-cache';
const ONE_DAY = 'public, max-age=86400';

/** What people see. */
export interface Pages {
  /** Fills a page's placeholders: `{{name}}` and `{{asset:name}}`. */
  render(template: string): string;
  routes(app: Express): void;
  readonly notFound: RequestHandler;
}

/**
 * Reads the pages once; they are answered from memory.
 *
 * @throws when a page or an asset that one names is missing: the build has not run
 */
export function createPages({ publicDir, values }: PageOptions): Pages {
  const assets = readManifest(publicDir);
  const read = (name: string): Buffer => readFileSync(path.join(publicDir, name));
  const render = (template: string): string =>
    template.replace(
      /\{\{(?:(asset):)?([\w.-]+)\}\}/g,
      (_all, kind: string | undefined, name: string) => {
        const value = kind === undefined ? values[name] : assets.get(name);
        if (value === undefined)
          throw new Error(`A page names ${name}, which is not there: npm run build`);
        return escapeHtml(value);
      },
    );
  const page = (name: string, status = 200): RequestHandler =>
    serveFromMemory(Buffer.from(render(read(name).toString())), {
      status,
      type: 'text/html; charset=utf-8',
      caching: REVALIDATE,
    });

  const notFound = page('404.html', 404);

  return {
    render,
    routes: (app) => {
      for (const [url, name] of Object.entries(pages)) offer(app, url, { GET: [page(name)] });
      for (const [url, type] of Object.entries(files)) {
        const handler = serveFromMemory(read(url.slice(1)), {
          status: 200,
          type,
          caching: ONE_DAY,
        });
        offer(app, url, { GET: [handler] });
      }
      offer(app, '/assets/:file', { GET: [onlyHashed, serveAssets(publicDir), notFound] });
    },
    notFound,
  };
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function readManifest(publicDir: string): Map<string, string> {
  const manifest = path.join(publicDir, 'assets', 'manifest.json');
  if (!existsSync(manifest)) throw new Error('The page is not built: npm run build');
  const hashed = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>;
  return new Map(Object.entries(hashed).map(([name, file]) => [name, `/assets/${file}`]));
}

/** The build's own list stands beside what it lists, and is nobody else's business. */
const onlyHashed: RequestHandler = (req, _res, next) => {
  next(req.path.endsWith('/manifest.json') ? failures.notFound() : undefined);
};

/** Hashed names never change their content: kept for a year. Compressed at build time. */
function serveAssets(publicDir: string): RequestHandler {
  return sirv(publicDir, {
    brotli: true,
    gzip: true,
    immutable: true,
    maxAge: 31_536_000,
    setHeaders: (res) => {
      for (const [name, value] of Object.entries(pageHeaders)) res.setHeader(name, value);
    },
  });
}

interface Served {
  readonly status: number;
  readonly type: string;
  readonly caching: string;
}

/** Answers always the same bytes, compressed once. */
export function serveFromMemory(
  content: Buffer,
  { status, type, caching }: Served,
): RequestHandler {
  const encoded = { br: brotliCompressSync(content), gzip: gzipSync(content), identity: content };
  const tag = createHash('sha256').update(content).digest('base64url').slice(0, 20);
  return (req, res) => {
    const encoding = req.acceptsEncodings('br', 'gzip', 'identity') || 'identity';
    const body = encoded[encoding as keyof typeof encoded];
    const etag = `"${tag}-${encoding}"`;
    const headers = {
      ...pageHeaders,
      'Cache-Control': caching,
      'Content-Type': type,
      ETag: etag,
      Vary: 'Accept-Encoding',
      ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
    };
    if (status === 200 && req.get('if-none-match')?.includes(etag) === true) {
      res.writeHead(304, headers).end();
      return;
    }
    res.writeHead(status, { ...headers, 'Content-Length': body.length }).end(body);
  };
}
