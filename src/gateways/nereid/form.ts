import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { hasBody } from '../../http/has-body.ts';
import { MAX_BODY_BYTES } from '../../protocol.ts';
import { InvalidForm } from './answers.ts';

/** The fields of a form by name. */
export type Form = ReadonlyMap<string, string>;

const TYPE = 'application/x-www-form-urlencoded';

const readBody = express.raw({ type: TYPE, limit: MAX_BODY_BYTES });

/** Reads a form for {@link formOf}; no body is a form without fields. 400, 413 or 415 for any other. */
export const formBody: RequestHandler = (req, res, next) => {
  if (!hasBody(req)) {
    next();
    return;
  }
  if (req.is(TYPE) === false || !isInUtf8(req)) throw failures.unsupportedMediaType();
  readBody(req, res, next);
};

/**
 * The form that {@link formBody} has read.
 *
 * @throws {Failure} 400 what is not UTF-8, or not a form
 * @throws {InvalidForm} 400 a field that is given twice
 */
export const formOf = ({ body }: Request): Form =>
  Buffer.isBuffer(body) ? parseForm(body) : new Map<string, string>();

/**
 * The value of a field that a form must have.
 *
 * @throws {InvalidForm} 400 a field that is missing or empty
 */
export function required(form: Form, field: string): string {
  const value = form.get(field) ?? '';
  if (value === '') throw new InvalidForm(field, 'This field is required.');
  return value;
}

function parseForm(body: Buffer): Form {
  // A parser that replaces what is not UTF-8 would send another text than was written.
  if (!isUtf8(body)) throw failures.badRequest('the form is not UTF-8');
  const form = new Map<string, string>();
  for (const pair of body.toString().split('&')) {
    if (pair === '') continue;
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length;
    const [field, value] = [decode(pair.slice(0, end)), decode(pair.slice(end + 1))];
    if (form.has(field)) throw new InvalidForm(field, 'This field is given twice.');
    form.set(field, value);
  }
  return form;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw failures.badRequest('the form is malformed');
  }
}

function isInUtf8(req: Request): boolean {
  const [, charset = 'utf-8'] =
    /;\s*charset="?([^";\s]+)/i.exec(req.get('content-type') ?? '') ?? [];
  return /^utf-?8$/i.test(charset);
}
