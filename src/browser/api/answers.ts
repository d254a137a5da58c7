import { asList, asObject, asText } from './json.ts';

/** The parts of the wire protocol (v1) that the browser client uses. */

export type ChatStatus = 'draft' | 'ready' | 'closed';

/** What authenticates a participant in every call but create and join. */
export interface Tokens {
  chatToken: string;
  userToken: string;
}

/** Answer to create and join. */
export interface Membership extends Tokens {
  status: ChatStatus;
  /** ISO 8601 UTC. */
  expires: string;
}

/** Answer to "state". */
export interface ChatState {
  status: ChatStatus;
  participants: number;
  expires: string;
  talker: { present: boolean; lastSeen: string | null };
  /** The server's clock when it answered, in milliseconds; the browser's may be wrong. */
  answeredAt: number;
}

export interface IncomingMessage {
  _id: string;
  msg: string;
  system: boolean;
}

export interface Inbox {
  status: ChatStatus;
  messages: IncomingMessage[];
}

export interface OutgoingMessage {
  _id: string;
  msg: string;
}

/** Most messages in one "send". */
export const MAX_SENT = 20;

/** Most ids in one "acknowledge". */
export const MAX_ACKNOWLEDGED = 200;

/** Most bytes in a body. */
export const MAX_BODY_BYTES = 16 * 1024;

/** The body of a "send". */
export function sendBody(messages: readonly OutgoingMessage[]): string {
  return JSON.stringify({ data: { messages } });
}

/** Reads a status; anything unknown counts as not ready. */
export function readStatus(value: unknown): ChatStatus {
  return value === 'ready' || value === 'closed' ? value : 'draft';
}

/** Reads the results of create and join; undefined when the answer is of no use. */
export function readMembership(value: unknown): Membership | undefined {
  const results = asObject(value);
  const chatToken = asText(results['chatToken']);
  const userToken = asText(results['userToken']);
  if (chatToken === '' || userToken === '') return undefined;
  return {
    chatToken,
    userToken,
    status: readStatus(results['status']),
    expires: asText(results['expires']),
  };
}

/** Reads the results of "state". */
export function readChatState(value: unknown, answeredAt: number): ChatState {
  const results = asObject(value);
  const talker = asObject(results['talker']);
  const lastSeen = talker['lastSeen'];
  return {
    status: readStatus(results['status']),
    participants: results['participants'] === 2 ? 2 : 1,
    expires: asText(results['expires']),
    talker: {
      present: talker['present'] === true,
      lastSeen: typeof lastSeen === 'string' ? lastSeen : null,
    },
    answeredAt,
  };
}

/** Reads the results of "receive"; entries without an id cannot be acknowledged and are left out. */
export function readInbox(value: unknown): Inbox {
  const results = asObject(value);
  const messages = asList(results['messages'])
    .map((entry) => asObject(entry))
    .map((entry) => ({
      _id: asText(entry['_id']),
      msg: asText(entry['msg']),
      system: entry['system'] === true,
    }))
    .filter((message) => message._id !== '');
  return { status: readStatus(results['status']), messages };
}
