import { hash, randomFillSync } from 'node:crypto';
import type { Status, Token } from '../protocol.ts';

/**
 * A chat and its rules (protocol.md, "Terms" and "Life cycle"). Pure: nothing here reads a clock, a
 * database or a request. All times are milliseconds since the epoch.
 */

/** Each calls the other the *talker*. */
export type Role = 'creator' | 'joiner';

/**
 * A participant as the server knows them: the first 12 bytes of their user token's SHA-256, in hex. A copy of
 * the database lets nobody act as a participant (protocol.md, "Collection chats").
 */
export type UserId = string;

/** What a server knows of a chat, apart from its messages. */
export interface Chat {
  readonly token: Token;
  readonly status: Status;
  readonly encrypted: boolean;
  readonly created: number;
  /** When it was closed; `null` while it is not. */
  readonly closed: number | null;
  /** How long one may be away before the other's poll closes the chat. */
  readonly absenceCloseAfterMs: number;
  readonly creator: UserId;
  /** `null` until somebody has joined. */
  readonly joiner: UserId | null;
}

/** The unchanging facts about one participant of one chat: what authentication establishes. */
export interface Participant {
  readonly chatToken: Token;
  readonly userId: UserId;
  readonly role: Role;
  readonly encrypted: boolean;
  readonly created: number;
  /** What {@link keyOf} gives, put together once. */
  readonly key?: ParticipantKey;
}

/** When a participant was seen last; a time ahead of now while a long poll of theirs is held. */
export type SeenUntil = number;

/** Names a participant among those of all chats. */
export type ParticipantKey = string;

/** A user id alone does not: nothing keeps a client from using one user token in several chats. */
export const keyOf = ({
  chatToken,
  userId,
  key = chatToken + userId,
}: Pick<Participant, 'chatToken' | 'userId' | 'key'>): ParticipantKey => key;

/** The same of one of the two of a chat. */
export const keyIn = ({ token }: Pick<Chat, 'token'>, userId: UserId): ParticipantKey =>
  token + userId;

/** The durations that govern every chat. */
export interface Timing {
  readonly chatLifetimeMs: number;
  readonly closedGraceMs: number;
}

/** A participant counts as present this long after the last sign of life: the gap between two polls. */
const PRESENCE_GAP_MS = 1000;

const TOKEN_BYTES = 12;

/** Random bytes for some hundred tokens: to ask for so many at once costs hardly more than to ask for one's. */
const random = Buffer.alloc(TOKEN_BYTES * 256);
let nextRandom = random.length;

/** A new token: 12 cryptographically random bytes, never a sequential ObjectId. */
export function newToken(): Token {
  if (nextRandom === random.length) {
    randomFillSync(random);
    nextRandom = 0;
  }
  const begin = nextRandom;
  nextRandom += TOKEN_BYTES;
  const token = random.toString('hex', begin, nextRandom);
  // What somebody reads from this memory later says nothing about tokens that were given out.
  random.fill(0, begin, nextRandom);
  return token;
}

/** As whom the server knows the bearer of a user token. */
export const userIdOf = (userToken: Token): UserId => hashToken(userToken);

/** The first 12 bytes of a token's SHA-256, in hex: it proves the token without giving it away. */
export const hashToken = (token: Token): string => hash('sha256', token, 'hex').slice(0, 24);

/** Enough of a token for operators to recognise it, too little to use it. */
export const maskToken = (token: Token): string => `${token.slice(0, 2)}…${token.slice(-2)}`;

/** When the chat's lifetime ends. */
export const expiresAt = (chat: Pick<Chat, 'created'>, { chatLifetimeMs }: Timing): number =>
  chat.created + chatLifetimeMs;

/** Whether the chat is over its lifetime: from then on it behaves as closed. */
export const isExpired = (chat: Pick<Chat, 'created'>, timing: Timing, now: number): boolean =>
  now >= expiresAt(chat, timing);

/** When the chat is refused because its grace period is over, removed already or not. */
export const goneAt = (chat: Pick<Chat, 'created' | 'closed'>, timing: Timing): number =>
  Math.min(chat.closed ?? Infinity, expiresAt(chat, timing)) + timing.closedGraceMs;

/** Whether the chat is refused because its grace period is over. */
export const isGone = (
  chat: Pick<Chat, 'created' | 'closed'>,
  timing: Timing,
  now: number,
): boolean => now >= goneAt(chat, timing);

/** What authentication establishes about one of the chat's two. */
export const participantOf = (chat: Chat, userId: UserId): Participant => ({
  chatToken: chat.token,
  userId,
  role: userId === chat.creator ? 'creator' : 'joiner',
  encrypted: chat.encrypted,
  created: chat.created,
  key: keyIn(chat, userId),
});

/** The other participant; `null` while the chat waits for the joiner. */
export const talkerOf = (chat: Chat, userId: UserId): UserId | null =>
  userId === chat.creator ? chat.joiner : chat.creator;

/** Until when somebody counts as present who was seen until then. */
export const presentUntil = (seenUntil: SeenUntil): number => seenUntil + PRESENCE_GAP_MS;

/** Whether somebody shows a sign of life now: a held poll, or a request a moment ago. */
export const isPresent = (seenUntil: SeenUntil | null, now: number): boolean =>
  seenUntil !== null && presentUntil(seenUntil) > now;

/**
 * When somebody counts as absent unless seen again. Nobody is absent for what happened before the
 * server started: the clock of everyone restarts with it.
 */
export const absentAt = (
  seenUntil: SeenUntil | null,
  startedAt: number,
  { absenceCloseAfterMs }: Pick<Chat, 'absenceCloseAfterMs'>,
): number => Math.max(seenUntil ?? startedAt, startedAt) + absenceCloseAfterMs;
