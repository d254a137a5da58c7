import type { Chat, Participant, Role, SeenUntil, UserId } from '../../chat/chat.ts';
import type { StoredMessage } from '../../chat/chat-store.ts';
import type { Message, SystemEvent, Token } from '../../protocol.ts';
import { RecentIds } from './recent-ids.ts';

/** An undelivered message in memory. Its place among all messages names its row in the journal. */
export class KeptMessage implements StoredMessage {
  readonly _id: Token;
  readonly msg: string;
  readonly system: boolean;
  declare readonly event?: SystemEvent;
  readonly accepted: number;
  readonly #place: number;

  constructor({ _id, msg, system, event }: Message, accepted: number, place: number) {
    this._id = _id;
    this.msg = msg;
    this.system = system;
    if (event !== undefined) this.event = event;
    this.accepted = accepted;
    this.#place = place;
  }

  get place(): number {
    return this.#place;
  }
}

/** The role of the talker of somebody in a role. */
export const other = (role: Role): Role => (role === 'creator' ? 'joiner' : 'creator');

export type KeptInbox = readonly KeptMessage[];

const EMPTY: KeptInbox = [];

/**
 * What one participant has in a chat: an inbox, and how they were seen last. Signs of life are never journaled:
 * everyone's clock restarts with the server (protocol.md, "Life cycle").
 */
export class Seat {
  /** Replaced, never changed: whoever has read it keeps what was there. */
  inbox: KeptInbox = EMPTY;
  /** The facts about whoever sits here, which never change; `null` until somebody has asked for them. */
  participant: Participant | null = null;
  /** Id of the newest long poll, ended or not. */
  poll: Token | null = null;
  pollBegan: number | null = null;
  seenUntil: SeenUntil | null = null;

  /** A request began. It does not shorten a held poll's presence. */
  signOfLife(at: number): void {
    this.seenUntil = Math.max(this.seenUntil ?? at, at);
  }

  /** Whether a poll is held at that time: only then does the sign of life lie ahead. */
  isHeld(at: number): boolean {
    return this.poll !== null && (this.seenUntil ?? 0) > at;
  }

  beginPoll(poll: Token, at: number, until: number): void {
    this.poll = poll;
    this.pollBegan = at;
    this.seenUntil = until;
  }

  /** A poll that was superseded is not held any more. */
  keepPoll(poll: Token, until: number): void {
    if (this.poll === poll) this.seenUntil = until;
  }

  /** `false`: it was superseded, and ends without a trace: the newer one is the sign of life. */
  endPoll(poll: Token, at: number): boolean {
    if (this.poll !== poll) return false;
    this.seenUntil = at;
    return true;
  }

  empty(): void {
    this.inbox = EMPTY;
  }
}

/** One chat in memory, with everything that belongs to it. */
export class KeptChat {
  /** Names its row in the journal. */
  readonly number: number;
  /** Replaced, never changed. */
  chat: Chat;
  isExpired = false;
  /** When the two were last told of an intruder. */
  intruderNoticed: number | null = null;
  /** Ids of the last messages sent in this chat, by either. */
  readonly recentIds = new RecentIds();
  readonly creator = new Seat();
  /** `null` until somebody has joined. */
  joiner: Seat | null = null;
  /** Not later than the creator was seen; by it drafts are kept in order (`shelf.ts`). */
  queuedAs: number;

  constructor(number: number, chat: Chat) {
    this.number = number;
    this.chat = chat;
    this.queuedAs = chat.created;
    if (chat.joiner !== null) this.joiner = new Seat();
  }

  /** Which of the two this is; `null`: neither. */
  roleOf(userId: UserId): Role | null {
    if (userId === this.chat.creator) return 'creator';
    return userId === this.chat.joiner ? 'joiner' : null;
  }

  seatOf(role: Role): Seat | null {
    return role === 'creator' ? this.creator : this.joiner;
  }

  /** Gives the joiner a seat. */
  takeSeat(): Seat {
    this.joiner = new Seat();
    return this.joiner;
  }

  /** Whether the message at that place is in an inbox. */
  isUndelivered(place: number): boolean {
    const isThere = (message: KeptMessage): boolean => message.place === place;
    return this.creator.inbox.some(isThere) || this.joiner?.inbox.some(isThere) === true;
  }

  /** Nothing undelivered. */
  get isEmpty(): boolean {
    return this.creator.inbox.length === 0 && (this.joiner?.inbox.length ?? 0) === 0;
  }
}
