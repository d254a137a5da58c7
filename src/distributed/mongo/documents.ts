import { ObjectId, type Document } from 'mongodb';
import { hashToken, talkerOf, type Chat, type SeenUntil, type UserId } from '../../chat/chat.ts';
import type { Inbox, StoredMessage } from '../../chat/chat-store.ts';
import type { Message, Status, SystemEvent, Token } from '../../protocol.ts';

/** Name of the collection of chats. */
export const CHATS = 'chats';

/** Name of the collection of what is remembered of removed chats. */
export const USED_INVITATIONS = 'used_invitations';

/**
 * One chat as it is kept (protocol.md, "Collection chats"). The optional fields are the project's own:
 * a document that others wrote with only the specification's fields is read all the same.
 */
export interface ChatDocument {
  /** The chat token. */
  _id: ObjectId;
  status: Status;
  /** The creator's user id first, then the joiner's. */
  user_tokens: ObjectId[];
  /** Undelivered messages of both inboxes, oldest first. */
  messages: MessageDocument[];
  long_polling: PresenceDocument[];
  created: Date;
  /** Missing means plain. */
  encrypted?: boolean;
  /** In seconds, as on the wire; missing means the store's default. */
  absence_close_after?: number;
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
  /** The addressee's user id. */
  user_token: ObjectId;
  msg: string;
  system: boolean;
  event?: SystemEvent;
  created: Date;
}

/** Newest long poll and last sign of life of one participant. */
export interface PresenceDocument {
  /** The long poll; the user id itself while there was none. */
  _id: ObjectId;
  user_token: ObjectId;
  /** When that long poll began. */
  created: Date;
  /** Seen until then; a time ahead while the poll is held. Without it: `created`. */
  until?: Date;
  /** Which process has registered the poll, and how many it had registered before. */
  process?: ObjectId;
  number?: number;
}

/** A message that somebody has sent, remembered when it is delivered and erased. */
export interface SentDocument {
  _id: ObjectId;
  /** The sender's user id. */
  user_token: ObjectId;
  /** By which the step that has stored it knows it again. Missing in what an earlier version has stored. */
  mark?: number;
}

/** What stays of a removed chat. */
export interface UsedInvitationDocument {
  /** The first 12 bytes of the chat token's SHA-256. */
  _id: ObjectId;
  /** When the chat was removed. */
  removed: Date;
}

/** The form in which a token, a user id or a hash is stored: what is 24 hex characters elsewhere. */
export const toId = (hex: string): ObjectId => ObjectId.createFromHexString(hex);

/**
 * The other way round, for what is kept. What the driver makes is put together from a dozen pieces, all of which stay
 * for as long as the whole: several hundred bytes.
 */
const toHex = ({ id }: ObjectId): string =>
  Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');

/** The `_id` under which a removed chat is remembered. */
export const toUsedId = (chatToken: Token): ObjectId => toId(hashToken(chatToken));

/** The fields that {@link ReadDocuments.toChat} reads. */
export const chatFields = {
  status: 1,
  user_tokens: 1,
  created: 1,
  encrypted: 1,
  absence_close_after: 1,
  closed: 1,
} as const;

/** The fields that {@link ReadDocuments.toInbox} reads: of the messages only this participant's. */
export const inboxFields = (userId: UserId): Document => ({
  ...chatFields,
  long_polling: 1,
  messages: messagesWhere({ $eq: ['$$message.user_token', toId(userId)] }),
  waiting: {
    $size: messagesWhere({
      $and: [{ $ne: ['$$message.user_token', toId(userId)] }, { $ne: ['$$message.system', true] }],
    }),
  },
});

/** The fields for the inboxes of several participants: of the messages only theirs. */
export const inboxesFields = (userIds: readonly ObjectId[]): Document => {
  const isRead = { $in: ['$$message.user_token', { $literal: userIds }] };
  return {
    ...chatFields,
    long_polling: 1,
    messages: messagesWhere(isRead),
    waiting_unread: {
      $size: messagesWhere({ $and: [{ $not: [isRead] }, { $ne: ['$$message.system', true] }] }),
    },
  };
};

const messagesWhere = (cond: Document): Document => ({
  $filter: { input: { $ifNull: ['$messages', []] }, as: 'message', cond },
});

/** A document with the fields of {@link inboxFields}. */
export type InboxDocument = ChatDocument & { readonly waiting?: number };

/** A document with the fields of {@link inboxesFields}: `waiting_unread` are those that are not among `messages`. */
export type InboxesDocument = ChatDocument & { readonly waiting_unread: number };

/** How documents are read; what others have left out is filled in. */
export interface ReadDocuments {
  readonly toChat: (document: ChatDocument) => Chat;
  readonly toInbox: (document: InboxDocument, userId: UserId) => Inbox;
}

/** @param absenceCloseAfterMs of a chat that does not say so itself */
export function readDocuments(absenceCloseAfterMs: number): ReadDocuments {
  const toChat = (document: ChatDocument): Chat => {
    const { _id, status, encrypted, created, closed, user_tokens: userIds } = document;
    const { absence_close_after: absenceCloseAfter } = document;
    const [creator, joiner] = userIds.map(toHex);
    if (creator === undefined) throw new Error('A stored chat has no creator');
    return {
      token: toHex(_id),
      status,
      encrypted: encrypted === true,
      created: created.getTime(),
      closed: status === 'closed' ? (closed ?? created).getTime() : null,
      absenceCloseAfterMs:
        absenceCloseAfter === undefined
          ? absenceCloseAfterMs
          : Math.round(absenceCloseAfter * 1000),
      creator,
      joiner: joiner ?? null,
    };
  };
  const toInbox = (document: InboxDocument, userId: UserId): Inbox => {
    const chat = toChat(document);
    const mine = presenceOf(document, userId);
    const newest = mine !== undefined && isPoll(mine) ? mine : undefined;
    const talker = talkerOf(chat, userId);
    const talkers = talker === null ? undefined : presenceOf(document, talker);
    return {
      chat,
      messages: messagesOf(document).map((message) => toMessage(message, document.created)),
      waiting: document.waiting ?? 0,
      poll: newest === undefined ? null : toHex(newest._id),
      pollBegan: newest === undefined ? null : newest.created.getTime(),
      seenUntil: mine === undefined ? null : seenUntil(mine),
      talkerSeenUntil: talkers === undefined ? null : seenUntil(talkers),
    };
  };
  return { toChat, toInbox };
}

export const presenceOf = (
  { long_polling: presences }: Partial<ChatDocument>,
  userId: UserId,
): PresenceDocument | undefined =>
  presences?.find((presence) => presence.user_token.toHexString() === userId);

/** Whether it is of a long poll; a participant who has not polled yet has only signs of life. */
export const isPoll = ({ _id, user_token: userId }: PresenceDocument): boolean =>
  !_id.equals(userId);

export const seenUntil = ({ created, until }: PresenceDocument): SeenUntil =>
  (until ?? created).getTime();

/** A message on its way into the inbox of `addressee`. */
export const fromMessage = (message: Message, addressee: UserId, at: number): MessageDocument => ({
  _id: toId(message._id),
  user_token: toId(addressee),
  msg: message.msg,
  system: message.system,
  ...(message.event !== undefined && { event: message.event }),
  created: new Date(at),
});

/** What is remembered of a message that somebody has sent. */
export const toSent = (_id: Token, sender: UserId, mark: number): Required<SentDocument> => ({
  _id: toId(_id),
  user_token: toId(sender),
  mark,
});

/** The sign of life of somebody who has not polled yet. */
export const firstPresence = (userId: UserId, at: number): PresenceDocument => ({
  _id: toId(userId),
  user_token: toId(userId),
  created: new Date(at),
  until: new Date(at),
});

/** A new draft with its creator's first message. */
export const newDocument = (chat: Chat, welcome: Message): ChatDocument => ({
  _id: toId(chat.token),
  status: chat.status,
  user_tokens: [toId(chat.creator)],
  messages: [fromMessage(welcome, chat.creator, chat.created)],
  long_polling: [firstPresence(chat.creator, chat.created)],
  created: new Date(chat.created),
  encrypted: chat.encrypted,
  absence_close_after: chat.absenceCloseAfterMs / 1000,
});

const messagesOf = ({ messages }: Partial<ChatDocument>): readonly MessageDocument[] =>
  messages ?? [];

const toMessage = (
  { _id, msg, system, event, created }: MessageDocument,
  chatCreated: Date,
): StoredMessage => ({
  _id: toHex(_id),
  msg,
  // Others may have left it out of a user's message.
  system: (system as boolean | undefined) === true,
  ...(event !== undefined && { event }),
  // Others may have left that out, too; no message is older than its chat.
  accepted: ((created as Date | undefined) ?? chatCreated).getTime(),
});
