import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express, RequestHandler } from 'express';
import { countedPageHeaders } from '../headers.ts';
import { offer } from '../resource.ts';
import { compress, serveFromMemory } from '../serve-from-memory.ts';
import { DEFAULT_LANGUAGE, languageCodes, type Language } from '../../messages/languages.ts';
import { readAssets, readBuilt } from './assets.ts';
import { LANGUAGE_DEPENDS_ON, languageFor } from './language.ts';
import { createTemplates } from './templates.ts';

export interface PageOptions {
  /** Directory of the pages as they stand in the repository, with `assets/` as the build made it. */
  readonly publicDir: string;
  /** What stands for `{{name}}` in a page. */
  readonly values: Readonly<Record<string, string>>;
  /** The home page may send events to Google Analytics. */
  readonly hasAnalytics: boolean;
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
  '/favicon-unread.svg': 'image/svg+xml',
  '/favicon.ico': 'image/x-icon',
  '/manifest.webmanifest': 'application/manifest+json',
  '/icon-192.png': 'image/png',
  '/icon-512.png': 'image/png',
  '/icon-maskable.png': 'image/png',
};

/** Pages change with every release: a browser asks each time, and mostly hears 304. */
const REVALIDATE = 'no-cache';
const ONE_DAY = 'public, max-age=86400';

/** What people see. */
export interface Pages {
  /** Fills in the placeholders of a page that is in English alone. */
  render(template: string): string;
  routes(app: Express): void;
  readonly notFound: RequestHandler;
}

/**
 * Reads the pages and their assets once; they are answered from memory.
 *
 * @throws when a page or an asset that one names is missing: the build has not run
 */
export function createPages({ publicDir, values, hasAnalytics }: PageOptions): Pages {
  const assets = readAssets(path.join(publicDir, 'assets'));
  const read = (name: string): Buffer => readFileSync(path.join(publicDir, name));
  const fill = createTemplates({ publicDir, assets, values, hasAnalytics });
  const page = (name: string, status = 200): RequestHandler => {
    const template = read(name).toString();
    const inLanguage = (language: Language): RequestHandler =>
      serveFromMemory(compress(Buffer.from(fill(template, language))), {
        status,
        type: 'text/html; charset=utf-8',
        caching: REVALIDATE,
        language,
        dependsOn: LANGUAGE_DEPENDS_ON,
        ...(hasAnalytics && name === 'index.html' && { headers: countedPageHeaders }),
      });
    const handlers = new Map(languageCodes.map((code) => [code, inLanguage(code)]));
    return (req, res, next) => handlers.get(languageFor(req))?.(req, res, next);
  };

  const notFound = page('404.html', 404);

  return {
    render: (template) => fill(template, DEFAULT_LANGUAGE),
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
      // At the root, since a service worker serves what is below it; asked for anew each time.
      const worker = readBuilt(path.join(publicDir, 'assets/service-worker.js'));
      offer(app, '/service-worker.js', {
        GET: [
          serveFromMemory(compress(worker), {
            status: 200,
            type: 'text/javascript; charset=utf-8',
            caching: REVALIDATE,
          }),
        ],
      });
      offer(app, '/assets/:file', { GET: [assets.serve, notFound] });
    },
    notFound,
  };
}
