import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { MAX_BODY_BYTES } from '../../protocol.ts';

const parseJson = express.json({
  limit: MAX_BODY_BYTES,
  verify: (_req, _res, body, encoding) => {
    if (encoding !== 'utf-8') throw failures.unsupportedMediaType();
    // The parser would replace what is not UTF-8 in silence.
    if (!isUtf8(body)) throw failures.badRequest('body is not UTF-8');
  },
});

/** Parses a JSON body into `req.body`; `undefined` when there is none. 400, 413 or 415 for any other. */
export const jsonBody: RequestHandler = (req, res, next) => {
  const hasBody =
    req.headers['transfer-encoding'] !== undefined ||
    Number(req.headers['content-length'] ?? 0) > 0;
  if (!hasBody) {
    next();
    return;
  }
  if (req.is('application/json') === false) throw failures.unsupportedMediaType();
  parseJson(req, res, next);
};
