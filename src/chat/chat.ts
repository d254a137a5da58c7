import { randomBytes } from 'node:crypto';

/**
 * A chat and its rules (protocol.md, "Terms" and "Life cycle"). Pure: nothing here reads a clock, a
 * database or a request. All times are milliseconds since the epoch.
 */

/** 24 lowercase hex characters: a chat token, a user token or a message id. */
export type Token = string;

/** `draft` waits for the joiner, `ready` has two participants; it only moves forward. */
export type Status = 'draft' | 'ready' | 'closed';

/** Each calls the other the *talker*. */
export type Role = 'creator' | 'joiner';

/** What a server knows of a chat, apart from its messages. */
export interface Chat {
  readonly token: Token;
  readonly status: Status;
  readonly encrypted: boolean;
  readonly created: number;
  /** When it was closed; `null` while it is not. */
  readonly closed: number | null;
  readonly creator: Token;
  /** `null` until somebody has joined. */
  readonly joiner: Token | null;
}

/** The unchanging facts about one participant of one chat: what authentication establishes. */
export interface Participant {
  readonly chatToken: Token;
  readonly userToken: Token;
  readonly role: Role;
  readonly encrypted: boolean;
  readonly created: number;
}

/** Occasion of a system message (protocol.md, "System messages"). */
export type SystemEvent =
  'created' | 'joined' | 'ready' | 'closed' | 'absent' | 'expired' | 'intruder';

/** One undelivered message as its addressee receives it. */
export interface Message {
  readonly _id: Token;
  readonly msg: string;
  readonly system: boolean;
  readonly event?: SystemEvent;
}

/** A message as its sender names it, on its way into the store. */
export interface OutgoingMessage {
  readonly _id: Token;
  readonly msg: string;
}

/** When a participant was seen last; a time ahead of now while a long poll of theirs is held. */
export type SeenUntil = number;

/** The durations that govern every chat, in milliseconds. */
export interface Timing {
  readonly lifetime: number;
  readonly closedGrace: number;
  readonly absenceCloseAfter: number;
}

/** Undelivered messages that one inbox holds at the most (protocol.md, "send"). */
export const INBOX_LIMIT = 200;

/** Ids of sent messages that a chat remembers to recognise a repeat (protocol.md, "send"). */
export const REMEMBERED_IDS = 200;

/** At most one `intruder` notice in this time, in milliseconds (protocol.md, "join"). */
export const INTRUDER_NOTICE_INTERVAL = 60_000;

/** A participant counts as present this long after the last sign of life: the gap between two polls. */
const PRESENCE_GAP = 1000;

/** The form of every token and id (protocol.md, "Terms"). */
export const TOKEN_PATTERN = /^[0-9a-f]{24}$/;

/** Whether a text has the form of a token. */
export const isToken = (text: string): text is Token => TOKEN_PATTERN.test(text);

/** Enough of a token for operators to recognise it, too little to use it. */
export const maskToken = (token: Token): string => `${token.slice(0, 2)}…${token.slice(-2)}`;

/** A new token: 12 cryptographically random bytes, never a sequential ObjectId. */
export const newToken = (): Token => randomBytes(12).toString('hex');

/** When the chat's lifetime ends. */
export const expiresAt = (chat: Pick<Chat, 'created'>, { lifetime }: Timing): number =>
  chat.created + lifetime;

/** Whether the chat is over its lifetime: from then on it behaves as closed. */
export const isExpired = (chat: Pick<Chat, 'created'>, timing: Timing, now: number): boolean =>
  now >= expiresAt(chat, timing);

/** Whether the chat is refused because its grace period is over, removed already or not. */
export function isGone(
  chat: Pick<Chat, 'created' | 'closed'>,
  timing: Timing,
  now: number,
): boolean {
  const end = Math.min(chat.closed ?? Infinity, expiresAt(chat, timing));
  return now >= end + timing.closedGrace;
}

/** What authentication establishes about one of the chat's two. */
export const participantOf = (chat: Chat, userToken: Token): Participant => ({
  chatToken: chat.token,
  userToken,
  role: userToken === chat.creator ? 'creator' : 'joiner',
  encrypted: chat.encrypted,
  created: chat.created,
});

/** The other participant; `null` while the chat waits for the joiner. */
export const talkerOf = (chat: Chat, userToken: Token): Token | null =>
  userToken === chat.creator ? chat.joiner : chat.creator;

/** Whether somebody shows a sign of life now: a held poll, or a request a moment ago. */
export const isPresent = (seenUntil: SeenUntil | null, now: number): boolean =>
  seenUntil !== null && seenUntil + PRESENCE_GAP > now;

/**
 * When somebody counts as absent unless seen again. Nobody is absent for what happened before the
 * server started: the clock of everyone restarts with it.
 */
export const absentAt = (
  seenUntil: SeenUntil | null,
  startedAt: number,
  { absenceCloseAfter }: Timing,
): number => Math.max(seenUntil ?? startedAt, startedAt) + absenceCloseAfter;

/** Whether a text may be sent in a plain chat: 1 to `maxLength` code points, well-formed, no NUL, not blank. */
export function isSendableText(text: string, maxLength: number): boolean {
  if (!text.isWellFormed() || text.includes('\0') || isBlank(text)) return false;
  // A code point has one or two UTF-16 units, so most texts need no counting.
  return (
    text.length <= maxLength || (text.length <= 2 * maxLength && [...text].length <= maxLength)
  );
}

/** Nothing but what Unicode calls white space, or the mark that some editors begin a text with. */
const isBlank = (text: string): boolean => !/[^\p{White_Space}\uFEFF]/u.test(text);

/** Whether a text may be sent in an encrypted chat: an envelope (protocol.md, "send"). */
export const isEnvelope = (text: string): boolean => /^[A-Za-z0-9._-]{1,1200}$/.test(text);
