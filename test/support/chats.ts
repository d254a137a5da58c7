import {
  keyOf,
  newToken,
  userIdOf,
  type Chat,
  type ParticipantKey,
  type UserId,
} from '../../src/chat/chat.ts';
import type { Creation, Notices, StoredMessage } from '../../src/chat/chat-store.ts';
import {
  USED_INVITATION_MS,
  type Message,
  type OutgoingMessage,
  type SystemEvent,
  type Token,
} from '../../src/protocol.ts';

/** As whom a server knows somebody new. */
export const newUserId = (): UserId => userIdOf(newToken());

/** Somebody new in a chat of their own. */
export const newParticipantKey = (): ParticipantKey =>
  keyOf({ chatToken: newToken(), userId: newUserId() });

/** A draft with a fresh token and creator. */
export const draftChat = (facts: Partial<Chat> = {}): Chat => ({
  token: newToken(),
  status: 'draft',
  encrypted: false,
  created: Date.now(),
  closed: null,
  absenceCloseAfterMs: 360_000,
  creator: newUserId(),
  joiner: null,
  ...facts,
});

/** A system message; its text names the reader, so that a test sees whose inbox it went to. */
export const systemMessage = (event: SystemEvent, reader = 'somebody'): Message => ({
  _id: newToken(),
  msg: `${event} for ${reader}`,
  system: true,
  event,
});

/** What it takes to add a chat, its creator's first message included. */
export const creationOf = (chat: Chat, facts: Partial<Creation> = {}): Creation => ({
  chat,
  welcome: systemMessage('created'),
  usedAfter: chat.created - USED_INVITATION_MS,
  ...facts,
});

/** One system message for each participant. */
export const noticesOf = (event: SystemEvent): Notices => ({
  creator: systemMessage(event, 'creator'),
  joiner: systemMessage(event, 'joiner'),
});

/** So many messages to send, with fresh ids and texts that count up. */
export const textMessages = (count: number, prefix = 'text'): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => ({ _id: newToken(), msg: `${prefix} ${index}` }));

/** A stored message as its addressee receives it. */
export const withoutTime = ({ _id, msg, system, event }: StoredMessage): Message => ({
  _id,
  msg,
  system,
  ...(event !== undefined && { event }),
});

/** What an addressee receives of a message. */
export const received = ({ _id, msg }: OutgoingMessage): Message => ({ _id, msg, system: false });

export const idsOf = (messages: readonly { readonly _id: Token }[]): Token[] =>
  messages.map(({ _id }) => _id);

export const textsOf = (messages: readonly { readonly msg: string }[]): string[] =>
  messages.map(({ msg }) => msg);

/** Cuts a list into lists of at most `size`. */
export const inBatches = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
