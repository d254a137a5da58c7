import type { Response } from 'express';
import { apiHeaders } from './headers.ts';

/**
 * Answers `{"results": {code, msg, …}}` with HTTP status = `code`: one `writeHead` and one `end`,
 * because the headers are the same for every answer.
 */
export function answer(
  res: Response,
  reply: { readonly code: number; readonly msg: string },
  fields: object = {},
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ results: { code: reply.code, msg: reply.msg, ...fields } });
  res.writeHead(reply.code, {
    ...apiHeaders,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  res.end(body);
}
