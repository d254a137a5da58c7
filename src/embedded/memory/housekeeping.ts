import type { Chat } from '../../chat/chat.ts';
import type { Expiry, FinishedPage, ListPage, OverduePage } from '../../chat/chat-store.ts';
import { statuses, type Status, type Token } from '../../protocol.ts';
import type { KeptChat } from './kept-chat.ts';
import type { Shelf } from './shelf.ts';

/** What time and operators do with chats (`chat-store.ts`): like {@link Chats}, each a plain step over the chats in memory. */
export class Housekeeping {
  readonly #shelf: Shelf;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  findOverdue({ createdAfter, createdBefore, after, limit }: OverduePage): Chat[] {
    // No token is as long, so it comes after all of that moment.
    const place = after ?? { created: createdAfter, token: LAST_TOKEN };
    return take(
      this.#shelf.notExpired.after(place),
      limit,
      ({ created }) => created <= createdBefore,
    );
  }

  expire(expiries: readonly Expiry[]): number {
    let count = 0;
    for (const { chatToken, closed, notices } of expiries) {
      const kept = this.#shelf.find(chatToken);
      if (kept === undefined || kept.isExpired) continue;
      this.#shelf.eraseMessages(kept);
      const since = kept.chat.closed ?? closed;
      this.#shelf.change(kept, { status: 'closed', closed: since }, true);
      this.#shelf.addNotices(kept, notices, closed);
      count += 1;
    }
    return count;
  }

  /** A closed chat with nothing undelivered is removed by the acknowledgement that leaves it so. */
  removeFinished({ at, closedBefore, createdBefore, limit }: FinishedPage): number {
    const { byClosing, byAge } = this.#shelf;
    const closed = byClosing.until(closedBefore, limit);
    for (const kept of closed) this.#shelf.remove(kept, at);
    const old = byAge.until(createdBefore, limit - closed.length);
    for (const kept of old) this.#shelf.remove(kept, at);
    return closed.length + old.length;
  }

  /** Forgets bit by bit. */
  forgetInvitations(removedBefore: number): Generator<void> {
    return this.#shelf.invitations.forget(removedBefore);
  }

  removeForsakenDraft({ at, notSeenSince }: { at: number; notSeenSince: number }): Chat | null {
    const kept = this.#shelf.forsakenDraft(notSeenSince, at);
    if (kept !== null) this.#shelf.remove(kept, at);
    return kept?.chat ?? null;
  }

  remove(chatToken: Token, at: number): Chat | null {
    const kept = this.#shelf.find(chatToken);
    if (kept !== undefined) this.#shelf.remove(kept, at);
    return kept?.chat ?? null;
  }

  list({ before, limit, status }: ListPage): Chat[] {
    const chats = status === undefined ? this.#shelf.byAge : this.#shelf.byStatus[status];
    return take(chats.before(before ?? { created: Infinity, token: '' }), limit);
  }

  countByStatus(): Record<Status, number> {
    const counts: Record<Status, number> = { draft: 0, ready: 0, closed: 0 };
    for (const status of statuses) counts[status] = this.#shelf.byStatus[status].size;
    return counts;
  }
}

/** Sorts after every token. */
const LAST_TOKEN = 'g';

function take(
  chats: Iterable<KeptChat>,
  limit: number,
  isWanted: (chat: Chat) => boolean = () => true,
): Chat[] {
  const taken: Chat[] = [];
  for (const { chat } of chats) {
    if (taken.length === limit || !isWanted(chat)) break;
    taken.push(chat);
  }
  return taken;
}
