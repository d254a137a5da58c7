import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express, RequestHandler } from 'express';
import { offer } from '../resource.ts';
import { compress, serveFromMemory } from '../serve-from-memory.ts';
import { readAssets } from './assets.ts';

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
 * Reads the pages and their assets once; they are answered from memory.
 *
 * @throws when a page or an asset that one names is missing: the build has not run
 */
export function createPages({ publicDir, values }: PageOptions): Pages {
  const assets = readAssets(path.join(publicDir, 'assets'));
  const read = (name: string): Buffer => readFileSync(path.join(publicDir, name));
  const render = (template: string): string =>
    template.replace(
      /\{\{(?:(asset):)?([\w.-]+)\}\}/g,
      (_all, kind: string | undefined, name: string) => {
        const value = kind === undefined ? values[name] : assets.address(name);
        if (value === undefined)
          throw new Error(`A page names ${name}, which is not there: npm run build`);
        return escapeHtml(value);
      },
    );
  const page = (name: string, status = 200): RequestHandler =>
    serveFromMemory(compress(Buffer.from(render(read(name).toString()))), {
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
        const handler = serveFromMemory(compress(read(url.slice(1))), {
          status: 200,
          type,
          caching: ONE_DAY,
        });
        offer(app, url, { GET: [handler] });
      }
      offer(app, '/assets/:file', { GET: [assets.serve, notFound] });
    },
    notFound,
  };
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
