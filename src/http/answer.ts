import type { Response } from 'express';
import { apiHeaderList } from './headers.ts';

interface Reply {
  readonly code: number;
  readonly msg: string;
}

/** A whole answer, of which nothing depends on the request. */
interface Constant {
  readonly headers: string[];
  readonly body: string;
}

/**
 * Answers `{"results": {code, msg, …}}` with HTTP status = `code`: one `writeHead` and one `end` with a text,
 * which leave in one segment, because the headers are the same for every answer.
 */
export function answer(
  res: Response,
  reply: Reply,
  fields?: object,
  headers?: Readonly<Record<string, string>>,
): void {
  if (fields === undefined && headers === undefined) {
    answerConstant(res, reply);
    return;
  }
  const body = bodyOf(reply, fields);
  const list = headersFor(body);
  for (const name in headers) list.push(name, headers[name] ?? '');
  res.writeHead(reply.code, list);
  res.end(body);
}

/** By reply: those without fields are few, and most answers. */
const constants = new WeakMap<Reply, Constant>();

function answerConstant(res: Response, reply: Reply): void {
  let constant = constants.get(reply);
  if (constant === undefined) {
    const body = bodyOf(reply);
    constant = { body, headers: headersFor(body) };
    constants.set(reply, constant);
  }
  res.writeHead(reply.code, constant.headers);
  res.end(constant.body);
}

const bodyOf = ({ code, msg }: Reply, fields?: object): string =>
  JSON.stringify({ results: { code, msg, ...fields } });

const headersFor = (body: string): string[] => [
  ...apiHeaderList,
  'Content-Length',
  String(Buffer.byteLength(body)),
];
