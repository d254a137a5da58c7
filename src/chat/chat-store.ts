import type { Message, OutgoingMessage, Status, Token } from '../protocol.ts';
import type { Chat, Participant, Role, SeenUntil, UserId } from './chat.ts';
import type { Soon } from './soon.ts';

/** One message for each participant, accepted at the time of the step; the joiner's goes nowhere while there is no joiner. */
export type Notices = Readonly<Record<Role, Message>>;

/** Who asks for a step in which chat. */
export interface Caller {
  readonly chatToken: Token;
  readonly userId: UserId;
}

/** Somebody's request, which is also a sign of life of theirs at `at` (ms since the epoch). */
export interface SignOfLife extends Caller {
  readonly at: number;
}

/** Whoever waits for others to see a step before it lasts. */
export interface Watched {
  /**
   * Called with the chat as soon as readers see what the step did, at the latest when its promise resolves; not
   * when it did nothing. What readers see then may not last yet: nobody is to be told that the step was taken.
   */
  readonly onSeen?: (chat: Chat) => void;
}

export interface Creation {
  readonly chat: Chat;
  readonly welcome: Message;
  /** A token is taken, too, by a chat that was removed after this. */
  readonly usedAfter: number;
}

/** An undelivered message, with the time at which the store took it (ms since the epoch). */
export interface StoredMessage extends Message {
  readonly accepted: number;
}

/** What one participant finds on looking: the chat, their inbox (oldest first), who holds what. */
export interface Inbox {
  readonly chat: Chat;
  readonly messages: readonly StoredMessage[];
  /** Of the participant's own messages (not the system's): how many the talker has not acknowledged. */
  readonly waiting: number;
  /** Id of this participant's newest long poll, ended or not; `null` if none is known. */
  readonly poll: Token | null;
  /** When that poll began, in ms since the epoch. */
  readonly pollBegan: number | null;
  readonly seenUntil: SeenUntil | null;
  readonly talkerSeenUntil: SeenUntil | null;
  /** It was read before, and nothing has been heard of it since: what changed in this moment may be missing. */
  readonly isRemembered?: boolean;
}

export interface Join extends SignOfLife, Watched {
  /** Joins a chat only when it was created after this: an older one is over its lifetime. */
  readonly createdAfter: number;
  readonly notices: Notices;
}

export interface Send extends SignOfLife, Watched {
  /** In order; ids already remembered for this sender are accepted and not stored again. */
  readonly messages: readonly OutgoingMessage[];
}

export interface SendResult {
  readonly outcome: 'stored' | 'not ready' | 'inbox full';
  /** The chat as the step found it, or as it is now: what was stored may have been stored by an attempt before this one. */
  readonly chat: Chat;
}

export interface Acknowledgement extends SignOfLife, Watched {
  readonly ids: readonly Token[];
}

export interface Close extends Watched {
  readonly chatToken: Token;
  readonly at: number;
  readonly notices: Notices;
  /** Closes only a `ready` chat whose participant `userId` was not seen after `since`. */
  readonly unlessSeen?: { readonly userId: UserId; readonly since: number };
}

export interface IntruderNotice extends Watched {
  readonly chatToken: Token;
  readonly at: number;
  readonly notSince: number;
  readonly notices: Notices;
}

/** Where a chat stands among all, by age. */
export type Place = Pick<Chat, 'created' | 'token'>;

export interface OverduePage {
  /** Only chats created later than this. */
  readonly createdAfter: number;
  readonly createdBefore: number;
  readonly after: Place | null;
  readonly limit: number;
}

export interface FinishedPage {
  readonly at: number;
  readonly closedBefore: number;
  readonly createdBefore: number;
  readonly limit: number;
}

export interface ListPage {
  readonly before: Place | null;
  readonly limit: number;
  /** Only chats of this status. */
  readonly status?: Status;
}

export interface Expiry {
  readonly chatToken: Token;
  /** When its lifetime ended; what a chat closed before keeps its own time. */
  readonly closed: number;
  readonly notices: Notices;
}

export interface Poll extends SignOfLife {
  readonly pollId: Token;
}

/** What a long poll finds as it begins. */
export interface BegunPoll extends Inbox {
  /** An older poll of the same participant was still held. */
  readonly supersedes: boolean;
  /** The participant's last sign of life before this poll. */
  readonly wasSeenUntil: SeenUntil | null;
}

/**
 * Where chats live. Every operation is one atomic step, however many processes share the store:
 * it happens whole or not at all, with its guard and its effect together. What the resolved promise of a
 * step reports has been written so that it survives the end of the process, except for signs of life; the
 * promise of {@link ChatStore.find} too, because whoever repeats a step is answered from it. Other reads may
 * see a step before: see {@link Watched}.
 *
 * Of a chat that is removed, whichever way, the hash of its token stays with the time of its removal,
 * until {@link ChatStore.forgetInvitations}.
 *
 * Every operation rejects with `StorageUnavailable`, or throws it, when the database cannot be reached; it may then
 * have happened or not, and repeating it with the same arguments is safe. While a disk is full, `create`,
 * `join`, `send` and `noticeIntruder` reject so, and what frees space succeeds.
 *
 * Any adapter must pass `test/contract/chat-store`.
 */
export interface ChatStore {
  /**
   * Adds a draft with its creator's first message. A chat that has the same token and the same creator
   * already is given as it is, with nothing added: the create is a repeat. `null`: the token is taken.
   */
  create(creation: Creation): Promise<{ readonly chat: Chat; readonly isNew: boolean } | null>;

  /** The chat as it is, once that lasts. */
  find(chatToken: Token): Promise<Chat | null>;

  /** Whether a chat with this token was removed after a time (ms since the epoch). */
  wasRemoved(chatToken: Token, after: number): Promise<boolean>;

  /**
   * Who of the chat this is; `null` when it is neither. May be answered from memory: the facts never
   * change, and every operation checks again that the chat is there.
   */
  findParticipant(caller: Caller): Soon<Participant | null>;

  /**
   * Makes a draft ready with `userId`, who is not its creator, as its joiner; of any number of joins
   * exactly one does. `null`: not this one.
   */
  join(join: Join): Promise<Chat | null>;

  /**
   * Puts messages into the talker's inbox if the chat is ready and all new ones fit
   * (`INBOX_LIMIT`), and remembers their ids (`REMEMBERED_IDS`). `null`: no such participant.
   */
  send(send: Send): Soon<SendResult | null>;

  /**
   * Erases these messages from the caller's own inbox. Removes a closed chat with nothing
   * undelivered. Gives the chat as it was then; `null`: no such participant.
   */
  acknowledge(acknowledgement: Acknowledgement): Soon<Chat | null>;

  /** Closes a chat that is not closed and adds the notices to both inboxes; `null`: nothing changed. */
  close(close: Close): Promise<Chat | null>;

  /** Adds the notices to a ready chat unless it was noticed after `notSince`; `null`: nothing changed. */
  noticeIntruder(notice: IntruderNotice): Promise<Chat | null>;

  /**
   * Reads the inbox; with `at` it is a sign of life, too. May be answered from memory where it is known that
   * nothing has changed since it was read, unless it is to be read `afresh`. `null`: no such participant.
   */
  readInbox(
    caller: Caller & { readonly at?: number | undefined; readonly afresh?: boolean },
  ): Soon<Inbox | null>;

  /**
   * Registers a long poll that began at `at` as the participant's newest, held until `until` at the most, and reads
   * the inbox. `null`: no such participant.
   */
  beginPoll(poll: Poll & { readonly until: number }): Soon<BegunPoll | null>;

  /**
   * Holds a long poll until then, unless a newer one has taken its place. It may be seen a little later than the
   * others: nobody's answer depends on it.
   */
  keepPoll(poll: Poll & { readonly until: number }): Promise<void>;

  /**
   * Marks a long poll as ended at `at`. `false`: a newer one
   * has taken its place, or it never was the newest; nothing changed.
   */
  endPoll(poll: Poll): Promise<boolean>;

  /**
   * Up to `limit` chats created after `createdAfter`, at or before `createdBefore`, that were not
   * expired yet; the oldest first, beginning after `after`.
   */
  findOverdue(page: OverduePage): Promise<Chat[]>;

  /**
   * Ends lifetimes, each chat atomically and once: status `closed`, undelivered messages gone, one
   * notice in each inbox. Gives how many it ended.
   */
  expire(expiries: readonly Expiry[]): Promise<number>;

  /**
   * Removes up to `limit` chats that are finished: closed at or before `closedBefore`, created at or
   * before `createdBefore`, or closed with nothing undelivered. Gives how many; fewer than `limit`: no more.
   */
  removeFinished(page: FinishedPage): Promise<number>;

  /** Forgets the tokens of chats that were removed at or before a time (ms since the epoch). */
  forgetInvitations(removedBefore: number): Promise<void>;

  /**
   * Removes the draft whose creator has been away longest, if that one was not seen after `notSeenSince`;
   * gives it as it was. `null`: there is none.
   */
  removeForsakenDraft(step: {
    readonly at: number;
    readonly notSeenSince: number;
  }): Promise<Chat | null>;

  /** Removes a chat at once, whatever its status; gives it as it was. For operators, against abuse. */
  remove(chatToken: Token, at: number): Promise<Chat | null>;

  /** Up to `limit` chats, the newest first, beginning after `before`. For operators. */
  list(page: ListPage): Promise<Chat[]>;

  /** How many chats there are of each status, as stored. */
  countByStatus(): Promise<Record<Status, number>>;

  /** Bytes that undelivered messages take, about, together with what is kept beside them. */
  storedBytes(): Promise<number>;

  /** Resolves when the database answers. */
  ping(): Promise<void>;

  /** Ends the connection; nothing may be called after it. */
  disconnect(): Promise<void>;
}
