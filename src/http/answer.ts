import type { Response } from 'express';
import { apiHeaderList } from './headers.ts';
import type { WithHead } from './recent-heads.ts';

interface Reply {
  readonly code: number;
  readonly msg: string;
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
  const body = fields === undefined ? constantBody(reply) : bodyOf(reply, fields);
  const length = Buffer.byteLength(body);
  if (headers === undefined && '_header' in res) writeUsualHead(res, reply.code, length);
  else res.writeHead(reply.code, headersFor(String(length), headers));
  end(res, body, length);
}

/** By reply: those without fields are few, and most answers. */
const bodies = new WeakMap<Reply, string>();

function constantBody(reply: Reply): string {
  let body = bodies.get(reply);
  if (body === undefined) {
    body = bodyOf(reply);
    bodies.set(reply, body);
  }
  return body;
}

/** Stands in a head for the length of the body that follows it. */
const LENGTH = '{length}';

/** By code: the headers of all answers that differ in nothing but their length. */
const usualHeaders = new Map<number, string[]>();

/** One head for all of them: Node looks at a list that it knows once a second (`recent-heads.ts`). */
function writeUsualHead(res: Response, code: number, length: number): void {
  let headers = usualHeaders.get(code);
  if (headers === undefined) {
    headers = Object.freeze(headersFor(LENGTH)) as string[];
    usualHeaders.set(code, headers);
  }
  res.writeHead(code, headers);
  const written = res as WithHead;
  written._header = String(written._header).replace(LENGTH, String(length));
}

/**
 * Ends an answer with one write. Node writes the head with the body, and then an empty text in order to hear when
 * both have left: two pieces, put together for one call of the system at a tenth of an answer's price. A body
 * that is joined to the head goes without it. Where a Node has no such head, or the text is not ASCII, as usual.
 *
 * @param length of the body, in bytes
 */
function end(res: Response, body: string, length: number): void {
  const { _header: head } = res as WithHead;
  const canJoin = typeof head === 'string' && res.req.method !== 'HEAD';
  if (!canJoin || length !== body.length) {
    res.end(body);
    return;
  }
  (res as WithHead)._header = head + body;
  res.end();
}

const bodyOf = ({ code, msg }: Reply, fields?: object): string =>
  JSON.stringify({ results: { code, msg, ...fields } });

const headersFor = (length: string, more: Readonly<Record<string, string>> = {}): string[] => [
  ...apiHeaderList,
  'Content-Length',
  length,
  ...Object.entries(more).flat(),
];
