import type { Response } from 'express';
import { pageHeaders } from '../headers.ts';
import type { Pages } from '../pages/pages.ts';
import { escapeHtml } from '../pages/templates.ts';

/** One page of the administration: `main` is HTML whose texts are escaped already. */
export interface AdminPage {
  readonly status?: number;
  readonly title: string;
  readonly main: string;
  /** The browser asks again after so long, without a script. */
  readonly renewAfterSeconds?: number;
}

/** Answers with a page. */
export type Show = (res: Response, page: AdminPage) => void;

/** Where the administration lives. */
export const adminPaths = {
  home: '/admin',
  style: '/admin/style.css',
  queues: '/admin/queues',
} as const;

/**
 * Pages as every other: the same style sheet and policy, no script. Nothing of them may stay in a cache.
 */
export function adminLayout(pages: Pages, hasQueues: boolean): Show {
  const styleSheet = pages.render('{{asset:style.css}}');
  const board = hasQueues ? `<a href="${adminPaths.queues}/">Queue board</a>` : '';
  return (res, { status = 200, title, main, renewAfterSeconds }) => {
    const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} - SFChat administration</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${styleSheet}">
${status === 200 ? `<link rel="stylesheet" href="${adminPaths.style}">` : ''}
</head>
<body class="page admin">
<a class="skip" href="#main">Skip to the content</a>
<header class="site-header">
<a class="brand" href="${adminPaths.home}"><img src="/favicon.svg" alt="" width="28" height="28">SFChat administration</a>
${status === 200 ? board : ''}
</header>
<main id="main" tabindex="-1">
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</body>
</html>`;
    res.writeHead(status, {
      ...pageHeaders,
      'Cache-Control': 'no-store',
      'Content-Type': 'text/html; charset=utf-8',
      ...(renewAfterSeconds !== undefined && { Refresh: String(renewAfterSeconds) }),
    });
    res.end(html);
  };
}
