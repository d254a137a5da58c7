import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { MAX_BODY_BYTES } from '../../protocol.ts';
import { hasBody } from '../has-body.ts';

/** For whatever is not {@link isPlain}: other charsets, compressed, in chunks, too large. */
const parseAnyJson = express.json({
  limit: MAX_BODY_BYTES,
  verify: (_req, _res, body, encoding) => {
    if (encoding !== 'utf-8') throw failures.unsupportedMediaType();
    // The parser would replace what is not UTF-8 in silence.
    assertUtf8(body);
  },
});

/**
 * Goes on with a handler when the JSON body of a request is parsed into `req.body`; `undefined` when it brings
 * none. 400, 413 or 415 for any other.
 */
export const withJsonBody =
  (handler: RequestHandler): RequestHandler =>
  (req, res, next) => {
    if (!hasBody(req)) return handler(req, res, next);
    // Nobody waits for what is called later, and so nobody would hear what it throws.
    const goOn = (error?: unknown): void => {
      if (error === undefined) settle(() => handler(req, res, next), next);
      else next(error);
    };
    if (isPlain(req)) readPlain(req, goOn);
    else if (req.is('application/json') === false) throw failures.unsupportedMediaType();
    else parseAnyJson(req, res, goOn);
    return undefined;
  };

/** Runs a step; what it throws, or rejects with, is passed on. */
function settle(step: () => unknown, onError: (error: unknown) => void): void {
  try {
    const done = step();
    if (done instanceof Promise) done.catch(onError);
  } catch (error) {
    onError(error);
  }
}

/** As clients send it: nothing in its headers asks for more than to parse it. */
function isPlain({ headers }: Request): boolean {
  const type = headers['content-type'];
  return (
    (type === 'application/json' || type === 'application/json; charset=utf-8') &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    Number(headers['content-length']) <= MAX_BODY_BYTES
  );
}

/**
 * Reads a plain body as {@link parseAnyJson} would, without the five packages that it takes: they cost as much
 * as the rest of a send. Whoever goes away meanwhile is not answered.
 */
function readPlain(req: Request, goOn: (error?: unknown) => void): void {
  let bytes: Buffer | null = null;
  req.on('data', (chunk: Buffer) => {
    bytes = bytes === null ? chunk : Buffer.concat([bytes, chunk]);
  });
  req.on('end', () => {
    try {
      req.body = parse(bytes ?? Buffer.alloc(0));
    } catch (error) {
      goOn(error);
      return;
    }
    goOn();
  });
}

/** @throws {Failure} 400 for what is no JSON object or array, or not UTF-8 */
function parse(bytes: Buffer): unknown {
  assertUtf8(bytes);
  let body: unknown;
  try {
    body = JSON.parse(withoutMark(bytes.toString()));
  } catch {
    throw failures.badRequest('malformed request');
  }
  if (typeof body !== 'object' || body === null) throw failures.badRequest('malformed request');
  return body;
}

/** Some editors begin a text with a mark of its byte order. */
const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

function assertUtf8(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) throw failures.badRequest('body is not UTF-8');
}
