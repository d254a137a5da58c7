import { ObjectId, type Document } from 'mongodb';
import type { Chat, Message, SeenUntil, Status, SystemEvent, Token } from '../../chat/chat.ts';
import type { Inbox } from '../../chat/chat-store.ts';

/** Name of the collection. */
export const CHATS = 'chats';

/**
 * One chat as it is kept (protocol.md, "Collection chats"). The optional fields are the project's own:
 * a document that others wrote with only the specification's fields is read all the same.
 */
export interface ChatDocument {
  /** The chat token. */
  _id: ObjectId;
  status: Status;
  /** The creator's first, then the joiner's. */
  user_tokens: ObjectId[];
  /** Undelivered messages of both inboxes, oldest first. */
  messages: MessageDocument[];
  long_polling: SightingDocument[];
  created: Date;
  /** Missing means plain. */
  encrypted?: boolean;
  /** A closed chat without it counts as closed when it was created: the earliest moment possible. */
  closed?: Date;
  /** `true` as soon as the lifetime was ended: that happens once. */
  expired?: boolean;
  /** When both were told last that somebody else tried the invitation. */
  intruder_noticed?: Date;
  /** Ids of the last sent messages with their senders; they outlive the messages on purpose. */
  recent?: SentDocument[];
}

interface MessageDocument {
  _id: ObjectId;
  /** The addressee. */
  user_token: ObjectId;
  msg: string;
  system: boolean;
  event?: SystemEvent;
  created: Date;
}

/** Newest long poll and last sign of life of one participant. */
export interface SightingDocument {
  /** The long poll; the user token itself while there was none. */
  _id: ObjectId;
  user_token: ObjectId;
  /** When that long poll began. */
  created: Date;
  /** Seen until then; a time ahead while the poll is held. Without it: `created`. */
  until?: Date;
}

interface SentDocument {
  _id: ObjectId;
  /** The sender. */
  user_token: ObjectId;
}

/** The form in which a token is stored. */
export const toId = (token: Token): ObjectId => ObjectId.createFromHexString(token);

/** The fields that {@link toChat} reads. */
export const chatFields = {
  status: 1,
  user_tokens: 1,
  created: 1,
  encrypted: 1,
  closed: 1,
} as const;

/** The fields that {@link toInbox} reads: of the messages only this participant's. */
export const inboxFields = (userToken: Token): Document => ({
  ...chatFields,
  long_polling: 1,
  messages: {
    $filter: {
      input: '$messages',
      as: 'message',
      cond: { $eq: ['$$message.user_token', toId(userToken)] },
    },
  },
});

export function toChat(document: ChatDocument): Chat {
  const { _id, status, encrypted, created, closed, user_tokens: userTokens } = document;
  const [creator, joiner] = userTokens.map((token) => token.toHexString());
  if (creator === undefined) throw new Error('A stored chat has no creator');
  return {
    token: _id.toHexString(),
    status,
    encrypted: encrypted === true,
    created: created.getTime(),
    closed: status === 'closed' ? (closed ?? created).getTime() : null,
    creator,
    joiner: joiner ?? null,
  };
}

/** What a participant finds; `document` has the fields of {@link inboxFields}. */
export function toInbox(document: ChatDocument, userToken: Token): Inbox {
  const chat = toChat(document);
  const mine = sightingOf(document, userToken);
  const talker = userToken === chat.creator ? chat.joiner : chat.creator;
  const talkers = talker === null ? undefined : sightingOf(document, talker);
  return {
    chat,
    messages: inboxOf(document).map(toMessage),
    poll: mine === undefined ? null : pollOf(mine),
    talkerSeenUntil: talkers === undefined ? null : seenUntil(talkers),
  };
}

export const sightingOf = (
  { long_polling: sightings }: Partial<ChatDocument>,
  userToken: Token,
): SightingDocument | undefined =>
  sightings?.find((sighting) => sighting.user_token.toHexString() === userToken);

/** The newest long poll of a participant; `null` while there was none. */
export const pollOf = ({ _id, user_token: userToken }: SightingDocument): Token | null =>
  _id.equals(userToken) ? null : _id.toHexString();

export const seenUntil = ({ created, until }: SightingDocument): SeenUntil =>
  (until ?? created).getTime();

/** A message on its way into the inbox of `addressee`. */
export const fromMessage = (message: Message, addressee: Token, at: number): MessageDocument => ({
  _id: toId(message._id),
  user_token: toId(addressee),
  msg: message.msg,
  system: message.system,
  ...(message.event !== undefined && { event: message.event }),
  created: new Date(at),
});

/** The sign of life of somebody who has not polled yet. */
export const firstSighting = (userToken: Token, at: number): SightingDocument => ({
  _id: toId(userToken),
  user_token: toId(userToken),
  created: new Date(at),
  until: new Date(at),
});

/** A new draft with its creator's first message. */
export const newDocument = (chat: Chat, welcome: Message): ChatDocument => ({
  _id: toId(chat.token),
  status: chat.status,
  user_tokens: [toId(chat.creator)],
  messages: [fromMessage(welcome, chat.creator, chat.created)],
  long_polling: [firstSighting(chat.creator, chat.created)],
  created: new Date(chat.created),
  encrypted: chat.encrypted,
});

const inboxOf = ({ messages }: Partial<ChatDocument>): readonly MessageDocument[] => messages ?? [];

const toMessage = ({ _id, msg, system, event }: MessageDocument): Message => ({
  _id: _id.toHexString(),
  msg,
  // Others may have left it out of a user's message.
  system: (system as boolean | undefined) === true,
  ...(event !== undefined && { event }),
});
