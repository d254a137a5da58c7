import type { Express, RequestHandler } from 'express';
import { apiHeaders } from '../headers.ts';
import {
  openApiDocument,
  type OpenApiDocument,
  type OpenApiOptions,
  type Operation,
} from './openapi.ts';
import type { Pages } from '../pages/pages.ts';
import { escapeHtml } from '../pages/templates.ts';
import { offer } from '../resource.ts';
import type { ApiResources } from './api-resources.ts';
import { compress, serveFromMemory } from '../serve-from-memory.ts';

export interface DocumentationOptions extends OpenApiOptions {
  readonly pages: Pages;
}

/** `openapi.json` for programs and `/api/docs` for people, both from one document. */
export function documentationRoutes(
  app: Express,
  resources: ApiResources,
  options: DocumentationOptions,
): void {
  const json = preparedByFirst(() =>
    serveFromMemory(compress(Buffer.from(JSON.stringify(openApiDocument(options)))), {
      status: 200,
      type: apiHeaders['Content-Type'],
      caching: apiHeaders['Cache-Control'],
      headers: apiHeaders,
    }),
  );
  const page = preparedByFirst(() => {
    const html = options.pages.render(documentationPage(openApiDocument(options)));
    const type = 'text/html; charset=utf-8';
    return serveFromMemory(compress(Buffer.from(html)), { status: 200, type, caching: 'no-store' });
  });
  resources.offer('openapi.json', { GET: json });
  offer(app, '/api/docs', { GET: [page] });
}

/** A handler that is prepared for whoever asks first: at the start nobody does. */
function preparedByFirst(prepare: () => RequestHandler): RequestHandler {
  let handler: RequestHandler | undefined;
  return (req, res, next) => (handler ??= prepare())(req, res, next);
}

/**
 * The document as plain HTML. The usual viewers need inline styles or evaluate scripts, which the
 * Content-Security-Policy of every page here forbids; this needs neither, nor any script at all.
 */
function documentationPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSection(path, method, operation)),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>SFChat protocol ${escapeHtml(document.info.version)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{{asset:style.css}}">
</head>
<body class="page docs">
<main>
<h1>SFChat protocol ${escapeHtml(document.info.version)}</h1>
<p>${escapeHtml(document.info.description)}</p>
<p>For programs: <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI ${escapeHtml(document.openapi)}).</p>
<p>Where its operator has named gateways, a server offers the same chats over an event stream or a WebSocket, too: <code>docs/gateways.md</code> in the source code.</p>
${operations.join('\n')}
</main>
<footer class="site-footer"><a href="/">SFChat</a></footer>
</body>
</html>`;
}

function operationSection(path: string, method: string, operation: Operation): string {
  const answers = Object.entries(operation.responses).map(
    ([code, { description }]) =>
      `<tr><th scope="row">${escapeHtml(code)}</th><td>${escapeHtml(description)}</td></tr>`,
  );
  return `<section>
<h2 id="${escapeHtml(operation.operationId)}">${escapeHtml(operation.summary)}</h2>
<p><code>${method.toUpperCase()} ${escapeHtml(path)}</code></p>
<p>${escapeHtml(operation.description)}</p>
${operation.security === undefined ? '' : '<p>Needs both token headers.</p>'}
${details('Parameters', operation.parameters)}
${details('Body', operation.requestBody)}
${details('Answer', answerSchema(operation))}
<table><caption>Answers</caption>
<thead><tr><th scope="col">Code</th><th scope="col">When</th></tr></thead>
<tbody>${answers.join('')}</tbody></table>
</section>`;
}

/** What the answer looks like when all is well: the one code below 300. */
const answerSchema = ({ responses }: Operation): object | undefined =>
  Object.entries(responses).find(([code]) => Number(code) < 300)?.[1].content;

const details = (title: string, content: unknown): string =>
  content === undefined
    ? ''
    : `<details><summary>${title}</summary><pre tabindex="0">${escapeHtml(JSON.stringify(content, null, 2))}</pre></details>`;
