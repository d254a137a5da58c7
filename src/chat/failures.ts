import { AUTHENTICATION_SCHEME, refusals, SUPERSEDED } from '../protocol.ts';

/**
 * Every refusal that a client can meet: code and message in one list (protocol.md, "Rules for every
 * call"). The server throws them, and a client throws what it was answered.
 */

/** A refusal that is part of the protocol. */
export class Failure extends Error {
  readonly code: number;
  /** When it is worth trying again, in milliseconds; `undefined`: the server does not say. */
  readonly retryAfterMs: number | undefined;

  /** @param message the `msg` of the answer */
  constructor(code: number, message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** The headers that belong to the answer; whole seconds, one at the least. */
  get headers(): Readonly<Record<string, string>> {
    return {
      ...(this.code === refusals.unauthorized.code && {
        'WWW-Authenticate': AUTHENTICATION_SCHEME,
      }),
      ...(this.retryAfterMs !== undefined && {
        'Retry-After': String(Math.max(1, Math.ceil(this.retryAfterMs / 1000))),
      }),
      // Whatever is left of a body that is too large is not worth receiving.
      ...(this.code === refusals.payloadTooLarge.code && { Connection: 'close' }),
    };
  }
}

/** Thrown by a store that cannot reach its database: the operation may be tried again. */
export class StorageUnavailable extends Error {
  constructor(cause: unknown) {
    super('The storage is unavailable', { cause });
    this.name = 'StorageUnavailable';
  }
}

type Refusal = (typeof refusals)[keyof typeof refusals];

const refuse = ({ code, msg }: Refusal, reason?: string, retryAfterMs?: number): Failure =>
  new Failure(code, reason === undefined ? msg : `${msg}: ${reason}`, retryAfterMs);

/** Milliseconds until an inbox that is full is worth another try: its owner polls again and again. */
const INBOX_RETRY_MS = 5000;

export const failures = {
  badRequest: (reason: string) => refuse(refusals.badRequest, reason),
  unauthorized: () => refuse(refusals.unauthorized),
  forbidden: () => refuse(refusals.forbidden),
  notFound: () => refuse(refusals.notFound),
  invalidCode: () => refuse(refusals.invalidCode),
  notReady: () => refuse(refusals.conflict, 'chat has no talker yet'),
  chatClosed: () => refuse(refusals.conflict, 'chat is closed'),
  chatTokenTaken: () => refuse(refusals.conflict, 'chat token is taken'),
  superseded: () => refuse(refusals.conflict, SUPERSEDED),
  invitationUsed: () => refuse(refusals.invitationUsed),
  invitationOver: () => refuse(refusals.invitationOver),
  payloadTooLarge: () => refuse(refusals.payloadTooLarge),
  unsupportedMediaType: () => refuse(refusals.unsupportedMediaType),
  tooManyRequests: (retryAfterMs: number) =>
    refuse(refusals.tooManyRequests, undefined, retryAfterMs),
  inboxFull: () => refuse(refusals.tooManyRequests, undefined, INBOX_RETRY_MS),
  notImplemented: () => refuse(refusals.notImplemented),
  internal: () => refuse(refusals.internal),
  unavailable: (retryAfterMs: number) => refuse(refusals.unavailable, undefined, retryAfterMs),
};
