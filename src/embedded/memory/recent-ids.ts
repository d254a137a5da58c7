import { Buffer } from 'node:buffer';
import type { Role } from '../../chat/chat.ts';
import { REMEMBERED_IDS, type Token } from '../../protocol.ts';

/** An entry in words of four bytes: three of the id, then role and place, the place of its row in the journal in 48 bits. */
const ID_WORDS = 3;
const ENTRY_WORDS = ID_WORDS + 2;

/** What half of the fourth word counts, and the fifth. */
const HALF_WORD = 2 ** 16;
const WORD = 2 ** 32;

/** Never 0, which stands where no entry is yet. */
const ROLES: Readonly<Record<Role, number>> = { creator: 1, joiner: 2 };

/** Entries for which there is room at first. */
const FIRST_ROOM = 4;

const NO_ENTRIES = new Uint32Array(0);

/** The id that is looked for, or written. */
const idBytes = Buffer.alloc(ID_WORDS * Uint32Array.BYTES_PER_ELEMENT);
const idWords = new Uint32Array(idBytes.buffer, idBytes.byteOffset, ID_WORDS);

/**
 * The ids of the last `REMEMBERED_IDS` messages of one chat, packed: most of what an idle chat takes would be these.
 * A ring once it is full.
 */
export class RecentIds {
  #entries = NO_ENTRIES;
  #count = 0;
  /** Index of the entry that is written next; when it is full, that of the oldest. */
  #next = 0;

  /** Whether somebody in this role has sent a message with this id among the last. */
  has(role: Role, id: Token): boolean {
    idBytes.write(id, 'hex');
    const entries = this.#entries;
    const end = this.#count * ENTRY_WORDS;
    // The last word first: clients that count differ there.
    for (let at = 0; at < end; at += ENTRY_WORDS) {
      if (entries[at + 2] === idWords[2] && this.#isAt(at, role)) return true;
    }
    return false;
  }

  /** Remembers an id; gives the place of the one that is forgotten for it, if there is one. */
  add(role: Role, id: Token, place: number): number | null {
    const isFull = this.#count === REMEMBERED_IDS;
    if (!isFull) this.#makeRoom();
    const forgotten = isFull ? this.#placeOf(this.#next) : null;
    const at = this.#next * ENTRY_WORDS;
    idBytes.write(id, 'hex');
    this.#entries.set(idWords, at);
    this.#entries[at + 3] = ROLES[role] * HALF_WORD + Math.floor(place / WORD);
    this.#entries[at + 4] = place % WORD;
    this.#next = (this.#next + 1) % REMEMBERED_IDS;
    if (!isFull) this.#count += 1;
    return forgotten;
  }

  /** Whether the message at that place is among the last: places only grow. */
  holds(place: number): boolean {
    const oldest = this.#count === REMEMBERED_IDS ? this.#next : 0;
    return this.#count > 0 && place >= this.#placeOf(oldest);
  }

  /** The places of all of them. */
  places(): number[] {
    return Array.from({ length: this.#count }, (_, index) => this.#placeOf(index));
  }

  /** Whether the entry there is that of the role and the id in `idWords`. */
  #isAt(at: number, role: Role): boolean {
    const entries = this.#entries;
    return (
      entries[at] === idWords[0] &&
      entries[at + 1] === idWords[1] &&
      Math.floor((entries[at + 3] ?? 0) / HALF_WORD) === ROLES[role]
    );
  }

  #placeOf(index: number): number {
    const at = index * ENTRY_WORDS;
    return ((this.#entries[at + 3] ?? 0) % HALF_WORD) * WORD + (this.#entries[at + 4] ?? 0);
  }

  #makeRoom(): void {
    const room = this.#entries.length / ENTRY_WORDS;
    if (this.#count < room) return;
    const more = Math.min(REMEMBERED_IDS, Math.max(FIRST_ROOM, 2 * room));
    const entries = new Uint32Array(more * ENTRY_WORDS);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}
