/**
 * The wire protocol v1 (protocol.md), stated once: names, codes, shapes, limits, patterns and events.
 * Imports nothing, so that the server, the page, other clients and the tests can all read it.
 */

/** Where the resources of this version are. */
export const API_BASE = '/api/v1';

/** The same resources without a version in the address. */
export const UNVERSIONED_API_BASE = '/api';

/** The only version there is, as `X-SFC-VERSION` names it. */
export const API_VERSION = 'v1';

/** Headers of a request, as they are named unless the settings rename them. */
export const headerNames = {
  chatToken: 'X-SFC-chatToken',
  userToken: 'X-SFC-userToken',
  version: 'X-SFC-VERSION',
} as const;

/** 24 lowercase hex characters: a chat token, a user token or a message id. */
export type Token = string;

/** The form of every token and id ("Terms"). */
export const TOKEN_PATTERN = /^[0-9a-f]{24}$/;

/** Whether a value has the form of a token. */
export const isToken = (value: unknown): value is Token =>
  typeof value === 'string' && TOKEN_PATTERN.test(value);

/** `draft` waits for the joiner, `ready` has two participants; it only moves forward. */
export const statuses = ['draft', 'ready', 'closed'] as const;
export type Status = (typeof statuses)[number];

/** Occasions of system messages ("System messages"). */
export const systemEvents = [
  'created',
  'joined',
  'ready',
  'closed',
  'absent',
  'expired',
  'intruder',
] as const;
export type SystemEvent = (typeof systemEvents)[number];

/** Answers that are no refusals. */
export const replies = {
  ok: { code: 200, msg: 'Ok' },
  created: { code: 201, msg: 'Created' },
  accepted: { code: 202, msg: 'Accepted' },
} as const;

/** Refusals, without the reasons that some of them add ("Rules for every call"). */
export const refusals = {
  badRequest: { code: 400, msg: 'Bad Request' },
  unauthorized: { code: 401, msg: 'Unauthorized' },
  forbidden: { code: 403, msg: 'Forbidden' },
  notFound: { code: 404, msg: 'Not Found' },
  invalidCode: { code: 404, msg: 'Invalid code' },
  conflict: { code: 409, msg: 'Conflict' },
  invitationUsed: { code: 410, msg: 'Invitation already used' },
  invitationOver: { code: 410, msg: 'Invitation is over' },
  payloadTooLarge: { code: 413, msg: 'Payload Too Large' },
  unsupportedMediaType: { code: 415, msg: 'Unsupported Media Type' },
  tooManyRequests: { code: 429, msg: 'Too Many Requests' },
  internal: { code: 500, msg: 'Internal Server Error' },
  notImplemented: { code: 501, msg: 'Not Implemented' },
  unavailable: { code: 503, msg: 'Service Unavailable' },
} as const;

/** What `WWW-Authenticate` says with every 401. */
export const AUTHENTICATION_SCHEME = 'SFChat';

/** Why a long poll was answered 409: a newer one of the same participant took its place. */
export const SUPERSEDED = 'superseded';

/** Bytes of a request body at the most. */
export const MAX_BODY_BYTES = 16 * 1024;

/** Messages in one "send" at the most. */
export const MAX_SENT = 20;

/** Ids in one "acknowledge" at the most. */
export const MAX_ACKNOWLEDGED = 200;

/** Code points of a message in a plain chat at the most, unless the settings say otherwise. */
export const MESSAGE_MAX_LENGTH = 140;

/** The form of a message in an encrypted chat: an envelope. */
export const ENVELOPE_PATTERN = /^[A-Za-z0-9._-]{1,1200}$/;

/** Undelivered messages that one inbox holds at the most. */
export const INBOX_LIMIT = 200;

/** Ids of sent messages that a chat remembers, to recognise a repeat. */
export const REMEMBERED_IDS = 200;

/** Seconds that a creator may choose for `absenceCloseAfter`. */
export const ABSENCE_CLOSE_AFTER = { least: 60, most: 86_400 } as const;

/** Milliseconds for which the talker sees `typing` unless it is repeated or taken back. */
export const TYPING_SHOWN_MS = 6000;

/** Milliseconds between two `intruder` notices in one chat, at the least. */
export const INTRUDER_NOTICE_INTERVAL_MS = 60_000;

/** Milliseconds for which the token of a removed chat is remembered, by its hash. */
export const USED_INVITATION_MS = 86_400_000;

/** Milliseconds that a creator must have been away before the draft gives way to a new chat. */
export const DRAFT_GIVES_WAY_AFTER_MS = 600_000;

/** Answer to create and join. Times are ISO 8601 in UTC, `absenceCloseAfter` is in seconds. */
export interface AdmissionResults {
  readonly chatToken: Token;
  readonly userToken: Token;
  readonly status: Status;
  readonly encrypted: boolean;
  readonly absenceCloseAfter: number;
  readonly created: string;
  readonly expires: string;
}

/** Answer to "state". */
export interface StateResults {
  readonly status: Status;
  readonly encrypted: boolean;
  readonly absenceCloseAfter: number;
  readonly participants: 1 | 2;
  readonly created: string;
  readonly expires: string;
  /** `lastSeen` is cut to the minute. */
  readonly talker: { readonly present: boolean; readonly lastSeen: string | null };
}

/** One undelivered message as its addressee receives it. */
export interface Message {
  readonly _id: Token;
  readonly msg: string;
  readonly system: boolean;
  readonly event?: SystemEvent;
}

/** Answer to "receive": the whole inbox, oldest first. */
export interface InboxResults {
  readonly count: number;
  readonly status: Status;
  readonly messages: readonly Message[];
  /** How many of the caller's own messages the server still keeps for the talker. */
  readonly waiting: number;
  readonly talker: { readonly present: boolean; readonly typing: boolean };
}

/** A message as its sender names it; the server makes an id where there is none. */
export interface OutgoingMessage {
  readonly _id: Token;
  readonly msg: string;
}

/** Length of a text as the protocol counts: in Unicode code points. */
export const codePoints = (text: string): number => [...text].length;

/** Nothing but what Unicode calls white space, or the mark that some editors begin a text with. */
export const isBlank = (text: string): boolean => !/[^\p{White_Space}\uFEFF]/u.test(text);

/** Whether a text may be sent in a plain chat: 1 to `maxLength` code points, well-formed, no NUL, not blank. */
export function isSendableText(text: string, maxLength: number): boolean {
  if (!text.isWellFormed() || text.includes('\0') || isBlank(text)) return false;
  // A code point has one or two UTF-16 units, so most texts need no counting.
  return (
    text.length <= maxLength || (text.length <= 2 * maxLength && codePoints(text) <= maxLength)
  );
}

/** Whether a text may be sent in an encrypted chat. */
export const isEnvelope = (text: string): boolean => ENVELOPE_PATTERN.test(text);
