import { participantOf, type Chat, type Participant, type Role } from '../../chat/chat.ts';
import type {
  Acknowledgement,
  BegunPoll,
  Caller,
  Close,
  Creation,
  Inbox,
  IntruderNotice,
  Join,
  Poll,
  Send,
  SendResult,
} from '../../chat/chat-store.ts';
import { INBOX_LIMIT, type OutgoingMessage, type Token } from '../../protocol.ts';
import { other, type KeptChat, type Seat } from './kept-chat.ts';
import type { Shelf } from './shelf.ts';

/** Somebody who is in a chat, as a step finds them. */
interface Entered {
  readonly kept: KeptChat;
  readonly role: Role;
  readonly seat: Seat;
  /** `null` while the chat waits for the joiner. */
  readonly talker: Seat | null;
}

/**
 * What participants do (`chat-store.ts`, where each step is described): every operation one plain step over the chats in
 * memory, which nothing can come between. Guards come first, and a step that they refuse changes nothing.
 */
export class Chats {
  readonly #shelf: Shelf;
  readonly #expectRoom: () => void;

  /** @param expectRoom throws when nothing more may be taken in; asked by every step that would */
  constructor(shelf: Shelf, expectRoom: () => void) {
    this.#shelf = shelf;
    this.#expectRoom = expectRoom;
  }

  create({ chat, welcome, usedAfter }: Creation): { chat: Chat; isNew: boolean } | null {
    const existing = this.#shelf.find(chat.token);
    if (existing !== undefined) {
      return existing.chat.creator === chat.creator ? { chat: existing.chat, isNew: false } : null;
    }
    if (this.#shelf.invitations.has(chat.token, usedAfter)) return null;

    this.#expectRoom();
    const kept = this.#shelf.add(chat);
    kept.creator.signOfLife(chat.created);
    this.#shelf.addMessage(kept, 'creator', welcome, chat.created);
    return { chat, isNew: true };
  }

  find(chatToken: Token): Chat | null {
    return this.#shelf.find(chatToken)?.chat ?? null;
  }

  wasRemoved(chatToken: Token, after: number): boolean {
    return this.#shelf.invitations.has(chatToken, after);
  }

  findParticipant(caller: Caller): Participant | null {
    const entered = this.#enter(caller);
    if (entered === null) return null;
    const { kept, role, seat } = entered;
    // By the id that the chat has: what is the same text in the same place is compared at once from now on.
    return (seat.participant ??= participantOf(kept.chat, kept.chat[role] ?? caller.userId));
  }

  join({ chatToken, userId, at, createdAfter, notices }: Join): Chat | null {
    const kept = this.#shelf.find(chatToken);
    const isOpen = kept?.chat.status === 'draft' && kept.chat.created > createdAfter;
    if (!isOpen || userId === kept.chat.creator) return null;

    this.#expectRoom();
    this.#shelf.change(kept, { status: 'ready', joiner: userId });
    kept.takeSeat().signOfLife(at);
    this.#shelf.addNotices(kept, notices, at);
    return kept.chat;
  }

  send(step: Send): SendResult | null {
    const entered = this.#enter(step);
    if (entered === null) return null;
    const { kept, role, talker } = entered;
    const { chat } = kept;
    if (chat.status !== 'ready' || talker === null) return { outcome: 'not ready', chat };
    const fresh = notYetSent(entered, step.messages);
    if (fresh.length === 0) return { outcome: 'stored', chat };
    if (talker.inbox.length + fresh.length > INBOX_LIMIT) return { outcome: 'inbox full', chat };

    this.#expectRoom();
    for (const { _id, msg } of fresh) {
      const message = { _id, msg, system: false };
      this.#shelf.addSent(kept, role, message, step.at);
    }
    return { outcome: 'stored', chat };
  }

  acknowledge(step: Acknowledgement): Chat | null {
    const entered = this.#enter(step);
    if (entered === null) return null;
    const { kept, role } = entered;
    this.#shelf.eraseFrom(kept, role, ({ _id }) => step.ids.includes(_id));
    if (kept.chat.status === 'closed' && kept.isEmpty) this.#shelf.remove(kept, step.at);
    return kept.chat;
  }

  close({ chatToken, at, notices, unlessSeen }: Close): Chat | null {
    const kept = this.#shelf.find(chatToken);
    if (kept === undefined || kept.chat.status === 'closed') return null;
    if (unlessSeen !== undefined && !isForsaken(kept, unlessSeen)) return null;

    this.#shelf.change(kept, { status: 'closed', closed: at });
    this.#shelf.addNotices(kept, notices, at);
    return kept.chat;
  }

  noticeIntruder({ chatToken, at, notSince, notices }: IntruderNotice): Chat | null {
    const kept = this.#shelf.find(chatToken);
    if (kept?.chat.status !== 'ready' || (kept.intruderNoticed ?? 0) > notSince) return null;

    this.#expectRoom();
    kept.intruderNoticed = at;
    this.#shelf.note(kept);
    this.#shelf.addNotices(kept, notices, at);
    return kept.chat;
  }

  readInbox(caller: Caller & { readonly at?: number | undefined }): Inbox | null {
    const entered = this.#enter(caller);
    return entered === null ? null : inboxOf(entered);
  }

  beginPoll({ pollId, until, at, ...caller }: Poll & { readonly until: number }): BegunPoll | null {
    const entered = this.#enter(caller);
    if (entered === null) return null;
    const { seat } = entered;
    const before = { supersedes: seat.isHeld(at), wasSeenUntil: seat.seenUntil };
    seat.beginPoll(pollId, at, until);
    return { ...inboxOf(entered), ...before };
  }

  keepPoll({ chatToken, userId, pollId, until }: Poll & { readonly until: number }): void {
    this.#enter({ chatToken, userId })?.seat.keepPoll(pollId, until);
  }

  endPoll({ pollId, at, ...caller }: Poll): boolean {
    const entered = this.#enter(caller);
    if (entered?.seat.endPoll(pollId, at) !== true) return false;
    this.#shelf.creatorWasSeen(entered.kept);
    return true;
  }

  /** The chat if the caller is one of its two; with `at`, it is a sign of life of theirs. */
  #enter({ chatToken, userId, at }: Caller & { readonly at?: number | undefined }): Entered | null {
    const kept = this.#shelf.find(chatToken);
    const role = kept?.roleOf(userId) ?? null;
    if (kept === undefined || role === null) return null;
    const seat = kept.seatOf(role);
    if (seat === null) return null;
    if (at !== undefined) seat.signOfLife(at);
    return { kept, role, seat, talker: kept.seatOf(other(role)) };
  }
}

/** Whether a ready chat has a participant who was not seen after a time. */
function isForsaken(kept: KeptChat, { userId, since }: NonNullable<Close['unlessSeen']>): boolean {
  const role = kept.roleOf(userId);
  const seenUntil = role === null ? null : kept.seatOf(role)?.seenUntil;
  return kept.chat.status === 'ready' && (seenUntil ?? -Infinity) <= since;
}

/** The messages of a request whose ids are new for this sender, each id once. */
function notYetSent(
  { kept, role }: Entered,
  messages: readonly OutgoingMessage[],
): OutgoingMessage[] {
  return messages.filter(
    ({ _id }, index) =>
      messages.findIndex((message) => message._id === _id) === index &&
      !kept.recentIds.has(role, _id),
  );
}

function inboxOf({ kept, seat, talker }: Entered): Inbox {
  return {
    chat: kept.chat,
    messages: seat.inbox,
    waiting: talker === null ? 0 : countTexts(talker),
    poll: seat.poll,
    pollBegan: seat.pollBegan,
    seenUntil: seat.seenUntil,
    talkerSeenUntil: talker?.seenUntil ?? null,
  };
}

/** How many messages of an inbox come from the talker, not from the system. */
function countTexts({ inbox }: Seat): number {
  let count = 0;
  for (const { system } of inbox) if (!system) count += 1;
  return count;
}
