import type { Response } from 'express';
import { apiHeaderList } from './headers.ts';
import type { WithHead } from './recent-heads.ts';

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
  end(res, body);
}

/** By reply: those without fields are few, and most answers. */
const constants = new WeakMap<Reply, Constant>();

function answerConstant(res: Response, reply: Reply): void {
  let constant = constants.get(reply);
  if (constant === undefined) {
    const body = bodyOf(reply);
    constant = { body, headers: Object.freeze(headersFor(body)) as string[] };
    constants.set(reply, constant);
  }
  res.writeHead(reply.code, constant.headers);
  end(res, constant.body);
}

/**
 * Ends an answer with one write. Node writes the head with the body, and then an empty text in order to hear when
 * both have left: two pieces, put together for one call of the system at a tenth of an answer's price. A body
 * that is joined to the head goes without it. Where a Node has no such head, or the text is not ASCII, as usual.
 */
function end(res: Response, body: string): void {
  const { _header: head } = res as WithHead;
  const canJoin = typeof head === 'string' && res.req.method !== 'HEAD';
  if (!canJoin || Buffer.byteLength(body) !== body.length) {
    res.end(body);
    return;
  }
  (res as WithHead)._header = head + body;
  res.end();
}

const bodyOf = ({ code, msg }: Reply, fields?: object): string =>
  JSON.stringify({ results: { code, msg, ...fields } });

const headersFor = (body: string): string[] => [
  ...apiHeaderList,
  'Content-Length',
  String(Buffer.byteLength(body)),
];
