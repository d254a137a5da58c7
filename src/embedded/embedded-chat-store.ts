import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { Chat, Participant } from '../chat/chat.ts';
import type {
  Acknowledgement,
  BegunPoll,
  Caller,
  ChatStore,
  Close,
  Creation,
  Expiry,
  FinishedPage,
  Inbox,
  IntruderNotice,
  Join,
  ListPage,
  OverduePage,
  Poll,
  Send,
  SendResult,
} from '../chat/chat-store.ts';
import { StorageUnavailable } from '../chat/failures.ts';
import { andThen, type Soon } from '../chat/soon.ts';
import type { Status, Token } from '../protocol.ts';
import type { HearOfDisk, Journal } from './journal/journal.ts';
import { startJournal } from './journal/open-journal.ts';
import { restoreTo } from './journal/restore.ts';
import { forgetChanges } from './memory/changes.ts';
import { Chats } from './memory/chats.ts';
import { Housekeeping } from './memory/housekeeping.ts';
import { Shelf } from './memory/shelf.ts';

/** Share of the memory that the process may use for undelivered messages. */
const MESSAGE_SHARE = 0.5;

export interface EmbeddedOptions {
  /** Directory of the journal, or `:memory:`. */
  readonly dataDir: string;
  /** Milliseconds after an erasure until the journal's log is emptied; it still has the message. */
  readonly eraseWithinMs?: number;
  /** Bytes that undelivered messages may take in memory, about. */
  readonly mostMessageBytes?: number;
  readonly onDisk?: HearOfDisk;
}

/**
 * Opens the chats of a directory.
 *
 * @throws Error when the directory or the file in it cannot be used, with what to do about it
 */
export async function openChatStore(options: EmbeddedOptions): Promise<ChatStore> {
  const { dataDir, eraseWithinMs = 1000, onDisk } = options;
  const { mostMessageBytes = getHeapStatistics().heap_size_limit * MESSAGE_SHARE } = options;
  if (dataDir === ':memory:') {
    return new EmbeddedChatStore(new Shelf(forgetChanges), null, mostMessageBytes);
  }
  const { journal, load } = startJournal({ dataDir, eraseWithinMs, onDisk });
  const shelf = new Shelf(journal.changes);
  const restoring = restoreTo(shelf);
  await load(restoring.take);
  restoring.finish();
  return new EmbeddedChatStore(shelf, journal, mostMessageBytes);
}

/**
 * Chats in memory, each operation one plain step (`memory/chats.ts`, `memory/housekeeping.ts`), and a journal from
 * which they come back at the next start. A step is seen at once and answered when it lasts; reading and polling
 * have nothing to do with the journal. Without one, nothing has to last.
 */
export class EmbeddedChatStore implements ChatStore {
  readonly #shelf: Shelf;
  readonly #chats: Chats;
  readonly #housekeeping: Housekeeping;
  readonly #journal: Journal | null;

  constructor(shelf: Shelf, journal: Journal | null, mostMessageBytes: number) {
    this.#shelf = shelf;
    this.#journal = journal;
    this.#housekeeping = new Housekeeping(shelf);
    this.#chats = new Chats(shelf, () => {
      journal?.expectRoom();
      if (shelf.messageBytes < mostMessageBytes) return;
      throw new StorageUnavailable(new Error('undelivered messages fill the memory'));
    });
  }

  async create(creation: Creation): Promise<{ chat: Chat; isNew: boolean } | null> {
    const created = this.#chats.create(creation);
    if (created !== null) await this.#lasting();
    return created;
  }

  async find(chatToken: Token): Promise<Chat | null> {
    const chat = this.#chats.find(chatToken);
    if (chat !== null) await this.#lasting();
    return chat;
  }

  wasRemoved(chatToken: Token, after: number): Promise<boolean> {
    return settle(() => this.#chats.wasRemoved(chatToken, after));
  }

  findParticipant(caller: Caller): Participant | null {
    return this.#chats.findParticipant(caller);
  }

  async join(join: Join): Promise<Chat | null> {
    const chat = this.#chats.join(join);
    if (chat === null) return null;
    join.onSeen?.(chat);
    await this.#lasting();
    return chat;
  }

  send(send: Send): Soon<SendResult | null> {
    const result = this.#chats.send(send);
    if (result?.outcome !== 'stored') return result;
    send.onSeen?.(result.chat);
    // Also a repeat: what it repeats may not last yet.
    return andThen(this.#lasting(), () => result);
  }

  acknowledge(acknowledgement: Acknowledgement): Soon<Chat | null> {
    const chat = this.#chats.acknowledge(acknowledgement);
    if (chat === null) return null;
    acknowledgement.onSeen?.(chat);
    return andThen(this.#lasting(), () => chat);
  }

  async close(close: Close): Promise<Chat | null> {
    const chat = this.#chats.close(close);
    if (chat === null) return null;
    close.onSeen?.(chat);
    await this.#lasting();
    return chat;
  }

  async noticeIntruder(notice: IntruderNotice): Promise<Chat | null> {
    const chat = this.#chats.noticeIntruder(notice);
    if (chat === null) return null;
    notice.onSeen?.(chat);
    await this.#lasting();
    return chat;
  }

  readInbox(caller: Caller & { readonly at?: number | undefined }): Inbox | null {
    return this.#chats.readInbox(caller);
  }

  beginPoll(poll: Poll & { readonly until: number }): BegunPoll | null {
    return this.#chats.beginPoll(poll);
  }

  keepPoll(poll: Poll & { readonly until: number }): Promise<void> {
    return settle(() => {
      this.#chats.keepPoll(poll);
    });
  }

  endPoll(poll: Poll): Promise<boolean> {
    return settle(() => this.#chats.endPoll(poll));
  }

  findOverdue(page: OverduePage): Promise<Chat[]> {
    return settle(() => this.#housekeeping.findOverdue(page));
  }

  async expire(expiries: readonly Expiry[]): Promise<number> {
    const expired = this.#housekeeping.expire(expiries);
    await this.#lasting();
    return expired;
  }

  async removeFinished(page: FinishedPage): Promise<number> {
    const removed = this.#housekeeping.removeFinished(page);
    await this.#lasting();
    return removed;
  }

  async forgetInvitations(removedBefore: number): Promise<void> {
    const pauses = this.#housekeeping.forgetInvitations(removedBefore);
    while (pauses.next().done !== true) await setImmediate();
    await this.#lasting();
  }

  async removeForsakenDraft(step: { at: number; notSeenSince: number }): Promise<Chat | null> {
    const draft = this.#housekeeping.removeForsakenDraft(step);
    if (draft !== null) await this.#lasting();
    return draft;
  }

  async remove(chatToken: Token, at: number): Promise<Chat | null> {
    const chat = this.#housekeeping.remove(chatToken, at);
    if (chat !== null) await this.#lasting();
    return chat;
  }

  list(page: ListPage): Promise<Chat[]> {
    return settle(() => this.#housekeeping.list(page));
  }

  countByStatus(): Promise<Record<Status, number>> {
    return settle(() => this.#housekeeping.countByStatus());
  }

  storedBytes(): Promise<number> {
    return Promise.resolve(this.#shelf.messageBytes);
  }

  ping(): Promise<void> {
    return settle(() => this.#journal?.expectHealthy());
  }

  async disconnect(): Promise<void> {
    await this.#journal?.close();
  }

  /** Nothing to wait for: `undefined`. */
  #lasting(): Soon<void> {
    return this.#journal?.lasting();
  }
}

/** A plain step for an asynchronous contract. */
function settle<Result>(step: () => Result): Promise<Result> {
  try {
    return Promise.resolve(step());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
