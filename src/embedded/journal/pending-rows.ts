import type { Role } from '../../chat/chat.ts';
import type { Changes } from '../memory/changes.ts';
import type { KeptChat, KeptMessage } from '../memory/kept-chat.ts';
import type { Batch, ChatRow, InvitationRow, MessageRow, Table } from './messages.ts';

/** Bytes of a row besides its text, about. */
const BYTES_PER_ROW = 100;

/** Where the text stands in a row of a message. */
const TEXT = 4;

/** The changes since the journal was last given any. What came and went meanwhile leaves no trace. */
export class PendingRows implements Changes {
  readonly #chats = new Set<KeptChat>();
  readonly #messages = new Map<number, MessageRow>();
  readonly #invitations = new Map<number, InvitationRow>();
  #removed: Record<Table, number[]> = { chats: [], messages: [], invitations: [] };
  /** Places of messages whose texts go. */
  #erased: number[] = [];
  #bytes = 0;
  readonly #onChange: () => void;

  /** @param onChange hears of each change */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Bytes, about. */
  get size(): number {
    return this.#bytes;
  }

  putChat(kept: KeptChat): void {
    this.#chats.add(kept);
    this.#changed();
  }

  removeChat(kept: KeptChat): void {
    this.#chats.delete(kept);
    this.#removed.chats.push(kept.number);
    this.#changed();
  }

  putMessage({ number }: KeptChat, to: Role, message: KeptMessage): void {
    const { place, _id, msg, system, event = null, accepted } = message;
    this.#messages.set(place, [place, number, to, _id, msg, system ? 1 : 0, event, accepted]);
    this.#changed(msg.length);
  }

  eraseText(place: number): void {
    const row = this.#messages.get(place);
    if (row === undefined) this.#erased.push(place);
    else row[TEXT] = null;
    this.#changed();
  }

  removeMessage(place: number): void {
    if (!this.#messages.delete(place)) this.#removed.messages.push(place);
    this.#changed();
  }

  putInvitation(number: number, hash: string, removed: number): void {
    this.#invitations.set(number, [number, hash, removed]);
    this.#changed();
  }

  removeInvitation(number: number): void {
    if (!this.#invitations.delete(number)) this.#removed.invitations.push(number);
    this.#changed();
  }

  /** Gives everything, and begins anew. */
  take(): Batch {
    const put = {
      chats: [...this.#chats].map(toRow),
      messages: [...this.#messages.values()],
      invitations: [...this.#invitations.values()],
    };
    const erase = this.#erased.length > 0 && { erase: JSON.stringify(this.#erased) };
    const batch = { put: texts(put), remove: texts(this.#removed), ...erase };
    for (const rows of [this.#chats, this.#messages, this.#invitations]) rows.clear();
    this.#removed = { chats: [], messages: [], invitations: [] };
    this.#erased = [];
    this.#bytes = 0;
    return batch;
  }

  #changed(textLength = 0): void {
    this.#bytes += BYTES_PER_ROW + textLength;
    this.#onChange();
  }
}

function toRow({ number, chat, isExpired, intruderNoticed }: KeptChat): ChatRow {
  const { token, status, encrypted, absenceCloseAfterMs, created, closed, creator, joiner } = chat;
  const facts = [encrypted ? 1 : 0, absenceCloseAfterMs, created, closed, creator, joiner] as const;
  return [number, token, status, ...facts, isExpired ? 1 : 0, intruderNoticed];
}

function texts(lists: Record<Table, readonly unknown[]>): Partial<Record<Table, string>> {
  const written: Partial<Record<Table, string>> = {};
  for (const table of ['chats', 'messages', 'invitations'] as const) {
    if (lists[table].length > 0) written[table] = JSON.stringify(lists[table]);
  }
  return written;
}
