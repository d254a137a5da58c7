import type { ServerResponse } from 'node:http';

/** What Node is about to send, before it has; none of its documented properties. */
export interface WithHead {
  _header?: unknown;
}

interface Head {
  readonly code: number;
  readonly text: string;
  /** In which second it was written: it says so itself. */
  readonly second: number;
}

/**
 * Heads that Node has written within this second, by the list of headers that it was given. Node looks at each
 * header of each answer again, and most answers have the same ones: what it has written for one that goes on
 * with its connection is written again for the next.
 */
export class RecentHeads {
  readonly #heads = new WeakMap<object, Head>();

  /** Writes the head that was written for the same code and list; `false`: there is none. */
  write(res: ServerResponse, code: number, list: unknown): boolean {
    const head = this.#heads.get(list as object);
    if (head?.code !== code || head.second !== thisSecond() || !isPlain(res)) return false;
    res.statusCode = code;
    (res as WithHead)._header = head.text;
    return true;
  }

  /** Remembers what Node has just written. */
  remember(res: ServerResponse, code: number, list: unknown): void {
    const { _header: text } = res as WithHead;
    if (!isFrozenList(list) || !isPlain(res) || typeof text !== 'string') return;
    this.#heads.set(list, { code, text, second: thisSecond() });
  }
}

/** Only a list that nobody can change stands for what it said before. */
const isFrozenList = (list: unknown): list is readonly string[] =>
  Array.isArray(list) && Object.isFrozen(list);

/** Whether nothing else than code, list and time decides on the head. */
const isPlain = (res: ServerResponse): boolean =>
  res.shouldKeepAlive && res.req.httpVersion === '1.1' && res.getHeaderNames().length === 0;

const thisSecond = (): number => Math.floor(Date.now() / 1000);
