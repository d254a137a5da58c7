import type { SystemEvent } from '../protocol.ts';

/**
 * What happens in a chat, as plain objects: the iterator of {@link SfChat} gives them, and the command line
 * writes them as lines of JSON. Further members and events may follow; ignore what you do not know.
 */
export type ChatEvent =
  | InvitationEvent
  | JoinedEvent
  | KeysEvent
  | TextEvent
  | SentEvent
  | DeliveredEvent
  | RefusedEvent
  | NoticeEvent
  | WarningEvent
  | ConnectionEvent
  | ClosedEvent;

/** The chat waits for whoever has this; only its creator is told. */
export interface InvitationEvent {
  readonly event: 'invitation';
  /** 24 characters, in lower case and without spaces. */
  readonly code: string;
  readonly link: string;
}

/** Both are in the chat. */
export interface JoinedEvent {
  readonly event: 'joined';
}

/** The talker has proved to have the keys: from here on texts are encrypted and leave. */
export interface KeysEvent {
  readonly event: 'secure';
  /** Both see the same four words unless somebody sits between them. */
  readonly words: readonly string[];
  /** They are new keys: one of the two had lost the ones before. */
  readonly again?: true;
}

/** The talker says something. */
export interface TextEvent {
  readonly event: 'message';
  readonly id: string;
  readonly text: string;
  /** It was reported as missing before. */
  readonly late?: true;
}

/** The server has accepted one's own message. */
export interface SentEvent {
  readonly event: 'sent';
  readonly id: string;
  readonly text: string;
}

/** One's own message has arrived. */
export interface DeliveredEvent {
  readonly event: 'delivered';
  readonly id: string;
  /** `false`: the server says so. `true`: the talker's own frames prove it; comes after the other, or alone. */
  readonly confirmed: boolean;
}

/** One's own message will never arrive. */
export interface RefusedEvent {
  readonly event: 'refused';
  readonly id: string;
  readonly text: string;
  readonly reason: string;
}

/** The server says something. */
export interface NoticeEvent {
  readonly event: 'system';
  readonly name: SystemEvent | 'unknown';
  readonly text: string;
}

/** Why there is a warning. */
export type WarningReason =
  /** Messages of the talker did not arrive; `count` says how many. */
  | 'missing'
  /** A message was changed on its way, or made for keys that are lost. */
  | 'unreadable'
  /** A message that was not encrypted arrived; it is not shown. */
  | 'not encrypted'
  /** A message of an unknown kind arrived. */
  | 'unknown kind'
  /** A part of a key exchange arrived that nobody waits for. */
  | 'unexpected step'
  /** Somebody without the code asked for new keys. */
  | 'forged restart'
  /** New keys were asked for too often; the keys in use stay. */
  | 'too many handshakes'
  /** An exchange of keys failed, `detail` says why. `final`: there are no keys, and nothing can be sent. */
  | 'handshake failed'
  /** The server said that the message with this `id` was delivered, and the talker's frames contradict it. */
  | 'contradiction'
  /** New keys came before the talker confirmed the message with this `id`: perhaps it could not be read. */
  | 'not confirmed';

/** Something is not as it should be. */
export interface WarningEvent {
  readonly event: 'warning';
  readonly reason: WarningReason;
  readonly count?: number;
  readonly detail?: string;
  readonly final?: boolean;
  readonly id?: string;
}

/** The server cannot be reached, or can again. Messages wait meanwhile. */
export interface ConnectionEvent {
  readonly event: 'connection';
  readonly connected: boolean;
  /** When the next try is, in milliseconds since the epoch; only while not connected. */
  readonly retryAt?: number;
}

/** Why a chat is over. */
export type ClosedReason =
  /** By oneself. */
  | 'you'
  /** It goes on, but this client has left it. */
  | 'left'
  | 'talker'
  /** The talker was away for too long. */
  | 'absent'
  /** Its lifetime is over. */
  | 'expired'
  /** The server does not know it any more. */
  | 'removed'
  /** Somebody else receives with the same tokens. */
  | 'superseded'
  /** The keys cannot be used. */
  | 'no keys';

/** The chat is over; the last event. */
export interface ClosedEvent {
  readonly event: 'closed';
  readonly reason: ClosedReason;
}
