import type { Response } from 'express';
import { replies } from '../protocol.ts';
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
  const ready = fields === undefined && headers === undefined ? readyAnswers.get(reply) : undefined;
  if (ready !== undefined) {
    res.writeHead(reply.code, ready.headers);
    end(res, ready.body, ready.body.length, ready);
    return;
  }
  const body = bodyOf(reply, fields);
  const length = Buffer.byteLength(body);
  if (headers === undefined && '_header' in res) writeUsualHead(res, reply.code, length);
  else res.writeHead(reply.code, headersFor(length, headers));
  end(res, body, length);
}

/** Stands in a head for the length of the body that follows it. */
const LENGTH = '{length}';

/** By code: the headers of all answers that differ in nothing but their length. */
const usualHeaders = new Map<number, string[]>();

/** One head for all of them: Node looks at a list that it knows once a second (`recent-heads.ts`). */
function writeUsualHead(res: Response, code: number, length: number): void {
  let headers = usualHeaders.get(code);
  if (headers === undefined) {
    headers = frozen(headersFor(LENGTH));
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
 * @param ready has both in one text already, perhaps
 */
function end(res: Response, body: string, length: number, ready?: ReadyAnswer): void {
  const { _header: head } = res as WithHead;
  const canJoin = typeof head === 'string' && res.req.method !== 'HEAD';
  if (!canJoin || length !== body.length) {
    res.end(body);
    return;
  }
  (res as WithHead)._header = ready?.textWith(head) ?? head + body;
  res.end();
}

const bodyOf = ({ code, msg }: Reply, fields?: object): string =>
  JSON.stringify({ results: { code, msg, ...fields } });

const headersFor = (
  length: number | string,
  more: Readonly<Record<string, string>> = {},
): string[] => [...apiHeaderList, 'Content-Length', String(length), ...Object.entries(more).flat()];

/** What nobody can change is recognised by the head that was written for it (`recent-heads.ts`). */
const frozen = (list: string[]): string[] => Object.freeze(list) as string[];

/** An answer without fields, put together once. Its text is ASCII. */
class ReadyAnswer {
  readonly body: string;
  readonly headers: string[];
  #head = '';
  #text = '';

  constructor(reply: Reply) {
    this.body = bodyOf(reply);
    this.headers = frozen(headersFor(this.body.length));
  }

  /** A head and the body in one text: the head is mostly the same as that of the last one. */
  textWith(head: string): string {
    if (head !== this.#head) {
      this.#head = head;
      this.#text = head + this.body;
    }
    return this.#text;
  }
}

/** What most answers are. */
const readyAnswers = new Map<Reply, ReadyAnswer>(
  Object.values(replies).map((reply) => [reply, new ReadyAnswer(reply)]),
);
