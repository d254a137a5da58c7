import {
  isToken,
  systemEvents,
  type AdmissionResults,
  type InboxResults,
  type Message,
  type OutgoingMessage,
  type StateResults,
  type Status,
} from '../../protocol.ts';
import { asList, asObject, asText } from './json.ts';

/** Reading of the server's answers, as far as a client needs them, without trusting their shape. */

/** What authenticates a participant in every call. */
export type Tokens = Pick<AdmissionResults, 'chatToken' | 'userToken'>;

/** Answer to create and join. */
export type Membership = Tokens &
  Pick<AdmissionResults, 'status' | 'encrypted' | 'created' | 'expires'> & {
    /** Seconds that one may be away before the chat is closed; undefined when the server did not say. */
    readonly absenceCloseAfter?: number;
  };

/** Answer to "state". */
export interface ChatState extends Pick<
  StateResults,
  'status' | 'participants' | 'absenceCloseAfter' | 'expires' | 'talker'
> {
  /** The server's clock when it answered, in milliseconds; one's own may be wrong. */
  readonly answeredAt: number;
}

export type IncomingMessage = Pick<Message, '_id' | 'msg' | 'system' | 'event'>;

/** Answer to "receive". */
export interface Inbox extends Pick<InboxResults, 'status'> {
  readonly messages: readonly IncomingMessage[];
  /** How many of one's own messages the server still keeps; undefined when it did not say. */
  readonly waiting?: number;
  /** Where the talker is; undefined when it did not say. */
  readonly talker?: InboxResults['talker'];
}

/** What a held request may take for known: it ends when one of these is no longer true. */
export type Known = Partial<Pick<InboxResults, 'waiting'> & InboxResults['talker']>;

/** What a held request asks for. */
export interface Asking extends Known {
  /**
   * Seconds after which it is answered at the latest, so that whoever stands still is noticed; undefined: whenever the
   * server does. A server that does not know of this holds it as long as any other.
   */
  readonly hold?: number;
}

/** The body of a "send". */
export function sendBody(messages: readonly OutgoingMessage[]): string {
  return JSON.stringify({ data: { messages } });
}

/** Reads a status; anything unknown counts as not ready. */
export function readStatus(value: unknown): Status {
  return value === 'ready' || value === 'closed' ? value : 'draft';
}

/** Reads a pair of tokens; undefined when one of them is none. */
export function readTokens(value: unknown): Tokens | undefined {
  const { chatToken, userToken } = asObject(value);
  return isToken(chatToken) && isToken(userToken) ? { chatToken, userToken } : undefined;
}

/** Reads the results of create and join; undefined when the answer is of no use. */
export function readMembership(value: unknown): Membership | undefined {
  const tokens = readTokens(value);
  if (!tokens) return undefined;
  const { status, encrypted, created, expires, absenceCloseAfter } = asObject(value);
  return {
    ...tokens,
    status: readStatus(status),
    encrypted: encrypted === true,
    created: asText(created),
    expires: asText(expires),
    ...(isCount(absenceCloseAfter) && { absenceCloseAfter }),
  };
}

/** Reads the results of "state". */
export function readChatState(value: unknown, answeredAt: number): ChatState {
  const { status, participants, absenceCloseAfter, expires, talker } = asObject(value);
  const { present, lastSeen } = asObject(talker);
  return {
    status: readStatus(status),
    participants: participants === 2 ? 2 : 1,
    absenceCloseAfter: isCount(absenceCloseAfter) ? absenceCloseAfter : 0,
    expires: asText(expires),
    talker: {
      present: present === true,
      lastSeen: typeof lastSeen === 'string' ? lastSeen : null,
    },
    answeredAt,
  };
}

/** Reads the results of "receive"; entries without an id cannot be acknowledged and are left out. */
export function readInbox(value: unknown): Inbox {
  const { messages, status, waiting, talker } = asObject(value);
  return {
    status: readStatus(status),
    messages: asList(messages).flatMap(readMessage),
    ...(isCount(waiting) && { waiting }),
    ...readTalker(talker),
  };
}

function readTalker(value: unknown): Pick<Inbox, 'talker'> {
  const { present, typing } = asObject(value);
  if (typeof present !== 'boolean') return {};
  return { talker: { present, typing: typing === true } };
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

function readMessage(value: unknown): IncomingMessage[] {
  const { _id, msg, system, event } = asObject(value);
  if (!isToken(_id)) return [];
  const known = system === true && systemEvents.find((name) => name === event);
  return [{ _id, msg: asText(msg), system: system === true, ...(known && { event: known }) }];
}
