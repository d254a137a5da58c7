import type { Chat, Role } from '../../chat/chat.ts';
import type { Notices } from '../../chat/chat-store.ts';
import type { Message, Status, Token } from '../../protocol.ts';
import type { Changes } from './changes.ts';
import { KeptChat, KeptMessage, other, type KeptInbox } from './kept-chat.ts';
import { SortedChats } from './sorted-chats.ts';
import { UsedInvitations } from './used-invitations.ts';

/** Bytes that a message takes besides its text, about. */
const BYTES_PER_MESSAGE = 300;

/**
 * All chats, in the orders in which they are asked for. Whatever lasts about a chat is changed here, so that its
 * place in every order, and what the journal hears, are always right.
 */
export class Shelf {
  readonly invitations: UsedInvitations;
  readonly byAge = new SortedChats(({ chat }) => chat.created);
  readonly byStatus: Readonly<Record<Status, SortedChats>> = {
    draft: new SortedChats(({ chat }) => chat.created),
    ready: new SortedChats(({ chat }) => chat.created),
    closed: new SortedChats(({ chat }) => chat.created),
  };
  readonly notExpired = new SortedChats(({ chat }) => chat.created);
  readonly byClosing = new SortedChats(({ chat }) => chat.closed ?? Infinity);
  /** Drafts by a time before which their creators were not seen last. */
  readonly #draftsByCreator = new SortedChats(({ queuedAs }) => queuedAs);
  readonly #byToken = new Map<Token, KeptChat>();
  readonly #changes: Changes;
  #nextNumber = 1;
  #nextPlace = 1;
  #messageBytes = 0;

  constructor(changes: Changes) {
    this.#changes = changes;
    this.invitations = new UsedInvitations(changes);
  }

  /** What undelivered messages take in memory, about. */
  get messageBytes(): number {
    return this.#messageBytes;
  }

  find(chatToken: Token): KeptChat | undefined {
    return this.#byToken.get(chatToken);
  }

  add(chat: Chat): KeptChat {
    const kept = new KeptChat(this.#nextNumber, chat);
    this.restore(kept);
    this.#changes.putChat(kept);
    return kept;
  }

  /** Puts a chat where it belongs that the journal remembers. */
  restore(kept: KeptChat): void {
    this.#nextNumber = Math.max(this.#nextNumber, kept.number + 1);
    this.#byToken.set(kept.chat.token, kept);
    this.byAge.add(kept);
    this.#file(kept);
  }

  /** Sees to it that numbers and places are never given twice. */
  restoreCounters({ number, place }: { readonly number: number; readonly place: number }): void {
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    this.#nextPlace = Math.max(this.#nextPlace, place + 1);
  }

  /** Changes facts about a chat. */
  change(kept: KeptChat, facts: Partial<Chat>, isExpired = kept.isExpired): void {
    this.#unfile(kept);
    kept.chat = { ...kept.chat, ...facts };
    kept.isExpired = isExpired;
    this.#file(kept);
    this.#changes.putChat(kept);
  }

  /** Notes that something about a chat is different that puts it in no other order. */
  note(kept: KeptChat): void {
    this.#changes.putChat(kept);
  }

  /** Removes a chat with everything that belongs to it, but for the hash of its token. */
  remove(kept: KeptChat, at: number): void {
    const { token } = kept.chat;
    this.invitations.add(token, { number: kept.number, removed: at });
    this.eraseMessages(kept);
    for (const place of kept.recentIds.places()) this.#changes.removeMessage(place);
    this.#unfile(kept);
    this.byAge.delete(kept);
    this.#byToken.delete(token);
    this.#changes.removeChat(kept);
  }

  addMessage(kept: KeptChat, to: Role, message: Message, accepted: number): KeptMessage {
    const added = new KeptMessage(message, accepted, this.#nextPlace++);
    this.restoreMessage(kept, to, added);
    this.#changes.putMessage(kept, to, added);
    return added;
  }

  /** Tells both; the joiner's notice goes nowhere while there is no joiner. */
  addNotices(kept: KeptChat, notices: Notices, accepted: number): void {
    this.addMessage(kept, 'creator', notices.creator, accepted);
    if (kept.joiner !== null) this.addMessage(kept, 'joiner', notices.joiner, accepted);
  }

  /** Adds what somebody in this role has sent. Its id is remembered instead of the oldest that is one too many. */
  addSent(kept: KeptChat, by: Role, message: Message, accepted: number): void {
    const { place } = this.addMessage(kept, other(by), message, accepted);
    const forgotten = kept.recentIds.add(by, message._id, place);
    if (forgotten === null || kept.isUndelivered(forgotten)) return;
    this.#changes.removeMessage(forgotten);
  }

  restoreMessage(kept: KeptChat, to: Role, message: KeptMessage): void {
    const seat = kept.seatOf(to);
    if (seat === null) return;
    seat.inbox = [...seat.inbox, message];
    this.#messageBytes += bytesOf(message);
  }

  /** Erases the messages of one inbox for which `isToGo` says so. */
  eraseFrom(kept: KeptChat, role: Role, isToGo: (message: KeptMessage) => boolean): void {
    const seat = kept.seatOf(role);
    if (seat === null) return;
    const staying = seat.inbox.filter((message) => !isToGo(message));
    if (staying.length === seat.inbox.length) return;
    this.#forget(kept, seat.inbox.filter(isToGo));
    if (staying.length === 0) seat.empty();
    else seat.inbox = staying;
  }

  eraseMessages(kept: KeptChat): void {
    for (const seat of [kept.creator, kept.joiner]) {
      if (seat === null) continue;
      this.#forget(kept, seat.inbox);
      seat.empty();
    }
  }

  /** A poll that ended early was seen less late than it looked. */
  creatorWasSeen(kept: KeptChat): void {
    const { seenUntil } = kept.creator;
    const isEarlier = seenUntil !== null && seenUntil < kept.queuedAs;
    if (isEarlier && kept.chat.status === 'draft') this.#queue(kept, seenUntil);
  }

  /** The draft whose creator was seen the longest ago, if not after a time. `at`: now. */
  forsakenDraft(notSeenSince: number, at: number): KeptChat | null {
    for (;;) {
      const kept = this.#draftsByCreator.first();
      if (kept === undefined || kept.queuedAs > notSeenSince) return null;
      // Of a creator whom this process has not seen, nothing is known but when they created the chat.
      const seen = kept.creator.seenUntil ?? kept.chat.created;
      if (seen <= kept.queuedAs) return kept;
      // Seen since then. What lies ahead, a held poll, may end before its time.
      this.#queue(kept, Math.min(seen, Math.max(at, notSeenSince + 1)));
    }
  }

  #queue(kept: KeptChat, seen: number): void {
    this.#draftsByCreator.delete(kept);
    kept.queuedAs = seen;
    this.#draftsByCreator.add(kept);
  }

  #forget({ recentIds }: KeptChat, messages: KeptInbox): void {
    for (const message of messages) {
      const { place, system } = message;
      this.#messageBytes -= bytesOf(message);
      if (!system && recentIds.holds(place)) this.#changes.eraseText(place);
      else this.#changes.removeMessage(place);
    }
  }

  /** Into the orders that depend on what changes. */
  #file(kept: KeptChat): void {
    const { status, closed } = kept.chat;
    this.byStatus[status].add(kept);
    if (!kept.isExpired) this.notExpired.add(kept);
    if (closed !== null) this.byClosing.add(kept);
    if (status === 'draft') this.#draftsByCreator.add(kept);
  }

  #unfile(kept: KeptChat): void {
    const { status, closed } = kept.chat;
    this.byStatus[status].delete(kept);
    if (!kept.isExpired) this.notExpired.delete(kept);
    if (closed !== null) this.byClosing.delete(kept);
    if (status === 'draft') this.#draftsByCreator.delete(kept);
  }
}

const bytesOf = ({ msg }: KeptMessage): number => BYTES_PER_MESSAGE + msg.length;
