import {
  createServer,
  IncomingMessage,
  ServerResponse,
  STATUS_CODES,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express, Request } from 'express';
import { limitConnections, type ConnectionLimits } from './connection-limits.ts';
import { hangUp } from './hang-up.ts';
import { apiHeaders } from './headers.ts';
import { RecentHeads } from './recent-heads.ts';

/**
 * Bytes of a request's head. Ours need under 1 KiB; what browsers and proxies add fits, and nobody
 * makes the server hold more for a connection that has not even asked yet.
 */
const MAX_HEADER_SIZE = 8 * 1024;

/** Milliseconds for a request's head: a slow phone needs one or two seconds, a slow-loris has all day. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Milliseconds for a whole request, body included: 16 KiB at 5 kbit/s. It does not end a held answer. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Milliseconds that an idle connection stays open: longer than common proxies keep theirs (60 s). */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Milliseconds between the checks of these times. */
const CHECK_INTERVAL_MS = 5000;

/** Seconds to wait for whoever found no free connection. */
const CONNECTION_RETRY_SECONDS = 10;

/**
 * Requests that a connection may send while an earlier one is unanswered. Browsers and proxies send
 * none; each answer waits in memory until it can be sent, behind a held poll or a client that does not
 * read.
 */
const MAX_PIPELINED = 10;

/** Who takes over the connection of a request that leaves HTTP (`Upgrade`), by its path. */
export type Upgrades = ReadonlyMap<string, (req: Request, socket: Duplex, head: Buffer) => void>;

export interface HttpServerOptions {
  /**
   * Hears of connections that could not be accepted and of answers that could not be written; they end
   * nothing but themselves.
   */
  readonly onError?: (error: Error) => void;
  /** Any other path, and any other method than GET, is answered as if nobody had asked to leave HTTP. */
  readonly upgrades?: Upgrades;
  /** How many connections there may be; none is refused without. */
  readonly connections?: ConnectionLimits | undefined;
}

/**
 * The HTTP server for an app, not yet listening. That it cannot listen is the caller's to hear of ('error').
 *
 * Express gives every request and response a new prototype, which is what makes it slow: the engine
 * has to give up what it knows about both objects. Here they are born with the prototypes that Express
 * is going to set, so that setting them changes nothing.
 */
export function createHttpServer(
  app: Express,
  { onError = ignore, upgrades = new Map(), connections }: HttpServerOptions = {},
): Server {
  const recent = new RecentHeads();
  class AppRequest extends IncomingMessage {}
  leaveHttpOnlyTo(upgrades, AppRequest.prototype);
  class AppResponse<Req extends IncomingMessage> extends ServerResponse<Req> {
    /** Where Express finds none, it makes one that the engine keeps as a table. */
    locals = {};

    /** A server that stops says so with every answer: the client then asks its next one elsewhere. */
    override writeHead(code: number, reason?: unknown, headers?: unknown): this {
      if (!server.listening) this.setHeader('Connection', 'close');
      else if (recent.write(this, code, reason)) return this;
      // What may stand between the code and the headers is Node's affair.
      super.writeHead(code, reason as string, headers as OutgoingHttpHeaders);
      recent.remember(this, code, reason);
      return this;
    }
  }
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });

  const server = createServer(
    {
      IncomingMessage: AppRequest,
      ServerResponse: AppResponse,
      maxHeaderSize: MAX_HEADER_SIZE,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      // Ours to refuse, with an answer that says why.
      requireHostHeader: false,
    },
    guard(app, onError),
  );
  // The size of the head bounds their number. The default would drop the last ones in silence, among
  // them what a proxy appends.
  server.maxHeadersCount = 0;
  server.on('checkExpectation', (_req: IncomingMessage, res: ServerResponse) => {
    refuse(res, 417);
  });
  // No proxy: without a listener, Node would cut the connection without a word.
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => {
    socket.on('error', ignore);
    // What it names is no resource of ours: nothing is allowed there.
    hangUp(socket, refusalText(501, { Allow: '' }));
  });
  server.once('listening', () => server.on('error', onError));
  if (upgrades.size > 0) server.on('upgrade', takeOver(upgrades));
  if (connections !== undefined) {
    const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
    const isProxy = (address: string): boolean => trusts(address, 0);
    limitConnections(server, { ...connections, isProxy, refuse: refuseNewConnection });
  }
  return server.on('clientError', refuseConnection);
}

const pathOf = ({ url }: IncomingMessage): string => (url ?? '').split('?', 1)[0] ?? '';

/**
 * Node asks each request whether it leaves HTTP as soon as anybody takes such requests over, and then takes
 * its connection from HTTP whatever its method and path are. Here it is told so only of what is taken over.
 */
function leaveHttpOnlyTo(upgrades: Upgrades, prototype: IncomingMessage): void {
  if (upgrades.size === 0) return;
  const asking = new WeakSet<IncomingMessage>();
  Object.defineProperty(prototype, 'upgrade', {
    configurable: true,
    set(this: IncomingMessage, asks: boolean | null) {
      if (asks === true) asking.add(this);
      else asking.delete(this);
    },
    get(this: IncomingMessage) {
      const isTaken = this.method === 'GET' && upgrades.has(pathOf(this));
      return asking.has(this) && (this.method === 'CONNECT' || isTaken);
    },
  });
}

const takeOver =
  (upgrades: Upgrades) =>
  (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Without a listener, one failing connection would end the process and everybody's chats.
    socket.on('error', ignore);
    upgrades.get(pathOf(req))?.(req as Request, socket, head);
  };

/** Lets through what an app should see. */
function guard(app: Express, onError: (error: Error) => void): RequestListener {
  const pipelined = new WeakMap<Socket, number>();
  return (req, res) => {
    // Without a listener, one failing request or answer would end the process and everybody's chats.
    req.on('error', ignore);
    res.on('error', onError);
    const { socket } = req;
    // A response gets its connection when the earlier ones are finished.
    const ahead = res.socket === null ? (pipelined.get(socket) ?? 0) + 1 : 0;
    if (ahead > 0 || pipelined.has(socket)) pipelined.set(socket, ahead);
    if (ahead > MAX_PIPELINED) socket.destroy();
    else if (req.headers.host === undefined && req.httpVersion === '1.1') refuse(res, 400);
    else (app as RequestListener)(req, res);
  };
}

/** A client that goes away in the middle of its request is told by 'close', too. */
const ignore = (): void => undefined;

/** Answers a request that no app has seen. */
function refuse(res: ServerResponse, code: number): void {
  const { body, headers } = refusal(code);
  res.writeHead(code, headers).end(body);
}

/** Answers what never became a request. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  hangUp(socket, refusalText(code));
}

/** Answers before anything was asked, and listens to nothing: what is refused must cost nothing. */
function refuseNewConnection(socket: Socket, code: 429 | 503): void {
  socket.on('error', ignore);
  socket.write(refusalText(code, { 'Retry-After': CONNECTION_RETRY_SECONDS }));
  socket.destroySoon();
}

function refusalText(code: number, more: Readonly<Record<string, number | string>> = {}): string {
  const { body, headers } = refusal(code);
  const head = Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`, ...head, '', body].join('\r\n');
}

function refusal(code: number) {
  const msg = code === 400 ? 'Bad Request: malformed request' : STATUS_CODES[code];
  const body = JSON.stringify({ results: { code, msg } });
  const headers = { ...apiHeaders, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  return { body, headers };
}
