/** Every refusal that a client can meet: code and message in one list (protocol.md, "Rules for every call"). */

/** A refusal that is part of the protocol. `retryAfter` is in seconds. */
export class Failure extends Error {
  readonly code: number;
  readonly retryAfter: number | undefined;

  constructor(code: number, message: string, retryAfter?: number) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Thrown by a store that cannot reach its database: the operation may be tried again. */
export class StorageUnavailable extends Error {
  constructor(cause: unknown) {
    super('The storage is unavailable', { cause });
    this.name = 'StorageUnavailable';
  }
}

const inSeconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

export const failures = {
  badRequest: (reason: string) => new Failure(400, `Bad Request: ${reason}`),
  unauthorized: () => new Failure(401, 'Unauthorized'),
  notFound: () => new Failure(404, 'Not Found'),
  invalidCode: () => new Failure(404, 'Invalid code'),
  conflict: (reason: string) => new Failure(409, `Conflict: ${reason}`),
  notReady: () => failures.conflict('chat has no talker yet'),
  chatClosed: () => failures.conflict('chat is closed'),
  chatTokenTaken: () => failures.conflict('chat token is taken'),
  superseded: () => failures.conflict('superseded'),
  invitationUsed: () => new Failure(410, 'Invitation already used'),
  payloadTooLarge: () => new Failure(413, 'Payload Too Large'),
  unsupportedMediaType: () => new Failure(415, 'Unsupported Media Type'),
  /** A rate limit; `wait` in milliseconds. */
  tooManyRequests: (wait: number) => new Failure(429, 'Too Many Requests', inSeconds(wait)),
  inboxFull: () => new Failure(429, 'Too Many Requests', 5),
  notImplemented: () => new Failure(501, 'Not Implemented'),
  internal: () => new Failure(500, 'Internal Server Error'),
  /** `wait` in milliseconds. */
  unavailable: (wait: number) => new Failure(503, 'Service Unavailable', inSeconds(wait)),
};
