import type { Clock } from '../../chat/clock.ts';
import { Failure } from '../../chat/failures.ts';
import { API_BASE, MAX_ACKNOWLEDGED, type OutgoingMessage } from '../../protocol.ts';
import {
  readChatState,
  readInbox,
  readMembership,
  sendBody,
  type Asking,
  type ChatState,
  type Inbox,
  type Membership,
  type Tokens,
} from './answers.ts';
import { asObject, asText } from './json.ts';
import { noAnswer } from './no-answer.ts';
import { readRetryAfter } from './retry-after.ts';

/** The part of `fetch` that the client needs; tests bring their own. */
export type Fetch = (url: string, init: FetchInit) => Promise<HttpAnswer>;

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  cache: 'no-store';
  credentials: 'omit';
  redirect: 'error';
  referrerPolicy: 'no-referrer';
}

export interface HttpAnswer {
  status: number;
  headers: { get(name: string): string | null };
  json(): Promise<unknown>;
}

export interface ApiClientOptions {
  /** Where the server is, with the path before `/api`; by default the one that served the page. */
  origin?: string;
  fetch: Fetch;
  clock: Clock;
  chatTokenHeader: string;
  userTokenHeader: string;
}

/** Time limit of an ordinary call. */
const CALL_TIMEOUT_MS = 20_000;

/** Time limit of a long poll: a bit above the server's, so that a dead connection is noticed. */
const POLL_TIMEOUT_MS = 75_000;

/** The same for one that asks to be held a while only: a dead connection is noticed sooner. */
const timeoutOf = ({ hold }: Asking): number =>
  hold === undefined ? POLL_TIMEOUT_MS : CALL_TIMEOUT_MS + hold * 1000;

/** All calls of the protocol. Each rejects with a Failure; its code is NO_ANSWER where SFChat gave none. */
export interface ApiClient {
  /** Creates the chat with these tokens, which the caller has made; a repeat has the same answer. */
  /** `absenceCloseAfter`: seconds that one may be away before the chat is closed; the server's own when undefined. */
  create(tokens: Tokens, encrypted: boolean, absenceCloseAfter?: number): Promise<Membership>;
  /** Joins with the code as chat token and a user token that the caller has made; a repeat is safe, too. */
  join(tokens: Tokens): Promise<Membership>;
  state(tokens: Tokens): Promise<ChatState>;
  close(tokens: Tokens): Promise<void>;
  /**
   * @param hold the request may wait for news; otherwise it is answered at once
   * @param asking a held request ends when what is known is no longer true
   */
  receive(tokens: Tokens, hold: boolean, signal: AbortSignal, asking?: Asking): Promise<Inbox>;
  /** Tells the talker that this participant types, or no longer. */
  signalTyping(tokens: Tokens, typing: boolean): Promise<void>;
  send(tokens: Tokens, messages: readonly OutgoingMessage[]): Promise<void>;
  acknowledge(tokens: Tokens, ids: readonly string[]): Promise<void>;
}

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  resource: 'chat.json' | 'messages.json';
  query?: string;
  tokens: Tokens;
  body?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

interface Answer {
  results: unknown;
  answeredAt: number;
}

/** Creates the client of one server. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const call = (details: Call): Promise<Answer> => perform(options, details);

  return {
    async create(tokens, encrypted, absenceCloseAfter) {
      const body = JSON.stringify({ data: { encrypted, absenceCloseAfter } });
      return membership(await call({ method: 'POST', resource: 'chat.json', tokens, body }));
    },
    async join(tokens) {
      return membership(await call({ method: 'PUT', resource: 'chat.json', tokens }));
    },
    async state(tokens) {
      const answer = await call({ method: 'GET', resource: 'chat.json', tokens });
      return readChatState(answer.results, answer.answeredAt);
    },
    async close(tokens) {
      await call({ method: 'DELETE', resource: 'chat.json', tokens });
    },
    async receive(tokens, hold, signal, asking = {}) {
      const query = `?longPolling=${String(hold)}${describe(asking)}`;
      const limits = { signal, timeoutMs: hold ? timeoutOf(asking) : CALL_TIMEOUT_MS };
      const answer = await call({
        method: 'GET',
        resource: 'messages.json',
        query,
        tokens,
        ...limits,
      });
      return readInbox(answer.results);
    },
    async signalTyping(tokens, typing) {
      const body = JSON.stringify({ data: { typing } });
      await call({ method: 'PATCH', resource: 'chat.json', tokens, body });
    },
    async send(tokens, messages) {
      await call({ method: 'POST', resource: 'messages.json', tokens, body: sendBody(messages) });
    },
    async acknowledge(tokens, ids) {
      for (let from = 0; from < ids.length; from += MAX_ACKNOWLEDGED) {
        const messages = ids.slice(from, from + MAX_ACKNOWLEDGED).map((id) => ({ _id: id }));
        const body = JSON.stringify({ data: { messages } });
        await call({ method: 'DELETE', resource: 'messages.json', tokens, body });
      }
    },
  };
}

const describe = ({ waiting, present, typing, hold }: Asking): string =>
  Object.entries({ waiting, present, typing, hold })
    .map(([name, value]) => (value === undefined ? '' : `&${name}=${String(value)}`))
    .join('');

function membership({ results }: Answer): Membership {
  const found = readMembership(results);
  if (!found) throw noAnswer();
  return found;
}

async function perform(options: ApiClientOptions, call: Call): Promise<Answer> {
  const limit = new AbortController();
  const abort = (): void => {
    limit.abort();
  };
  if (call.signal?.aborted) abort();
  call.signal?.addEventListener('abort', abort);
  // The limit covers the body too: a connection can die between the head and the body.
  const cancel = options.clock.after(call.timeoutMs ?? CALL_TIMEOUT_MS, abort);
  try {
    return await exchange(options, call, limit.signal);
  } finally {
    cancel();
    call.signal?.removeEventListener('abort', abort);
  }
}

async function exchange(
  options: ApiClientOptions,
  call: Call,
  signal: AbortSignal,
): Promise<Answer> {
  const url = `${options.origin ?? ''}${API_BASE}/${call.resource}${call.query ?? ''}`;
  const answer = await options.fetch(url, fetchInit(options, call, signal)).catch(throwNoAnswer);
  const body = await answer
    .json()
    .catch(() => (answer.status >= 400 ? undefined : throwNoAnswer()));
  const results = asObject(asObject(body)['results']);
  // A proxy or a hotel's login page may answer 200 with something else.
  if (results['code'] !== answer.status && answer.status < 400) throw noAnswer();
  if (answer.status >= 400) {
    const retryAfterMs = readRetryAfter(answer.headers.get('Retry-After'), options.clock.now());
    throw new Failure(answer.status, asText(results['msg']), retryAfterMs);
  }
  const date = Date.parse(answer.headers.get('Date') ?? '');
  return { results, answeredAt: Number.isNaN(date) ? options.clock.now() : date };
}

function throwNoAnswer(): never {
  throw noAnswer();
}

function fetchInit(options: ApiClientOptions, call: Call, signal: AbortSignal): FetchInit {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    [options.chatTokenHeader]: call.tokens.chatToken,
    [options.userTokenHeader]: call.tokens.userToken,
  };
  if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  return {
    method: call.method,
    headers,
    ...(call.body !== undefined && { body: call.body }),
    signal,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  };
}
