import { Buffer } from 'node:buffer';
import type { Role } from '../../chat/chat.ts';
import { REMEMBERED_IDS, type Token } from '../../protocol.ts';

/** Words of four bytes in an id. */
const ID_WORDS = 3;

/** The rest of an entry in words: two of the id, then role and place, the place of its row in the journal in 48 bits. */
const REST_WORDS = ID_WORDS - 1 + 2;

/** What half of the fourth word counts, and the fifth. */
const HALF_WORD = 2 ** 16;
const WORD = 2 ** 32;

/** Never 0, which stands where no entry is yet. */
const ROLES: Readonly<Record<Role, number>> = { creator: 1, joiner: 2 };

/** Entries for which there is room at first. */
const FIRST_ROOM = 4;

const NO_WORDS = new Uint32Array(0);

/** The id that is looked for, or written. */
const idBytes = Buffer.alloc(ID_WORDS * Uint32Array.BYTES_PER_ELEMENT);
const idWords = new Uint32Array(idBytes.buffer, idBytes.byteOffset, ID_WORDS);

/**
 * The ids of the last `REMEMBERED_IDS` messages of one chat, packed: most of what an idle chat takes would be these.
 * A ring once it is full.
 */
export class RecentIds {
  /** First the last word of each id, by which it is looked for: clients that count differ there. Then the rest of each. */
  #words = NO_WORDS;
  /** For how many entries there is room. */
  #room = 0;
  #count = 0;
  /** Index of the entry that is written next; when it is full, that of the oldest. */
  #next = 0;

  /** Whether somebody in this role has sent a message with this id among the last. */
  has(role: Role, id: Token): boolean {
    idBytes.write(id, 'hex');
    const words = this.#words;
    const last = idWords[2];
    const count = this.#count;
    for (let index = 0; index < count; index += 1) {
      if (words[index] === last && this.#isAt(index, role)) return true;
    }
    return false;
  }

  /** Remembers an id; gives the place of the one that is forgotten for it, if there is one. */
  add(role: Role, id: Token, place: number): number | null {
    const isFull = this.#count === REMEMBERED_IDS;
    if (!isFull) this.#makeRoom();
    const index = this.#next;
    const forgotten = isFull ? this.#placeOf(index) : null;
    idBytes.write(id, 'hex');
    const words = this.#words;
    const at = this.#restOf(index);
    words[at] = idWords[0] ?? 0;
    words[at + 1] = idWords[1] ?? 0;
    words[index] = idWords[2] ?? 0;
    words[at + 2] = ROLES[role] * HALF_WORD + Math.floor(place / WORD);
    words[at + 3] = place % WORD;
    this.#next = (index + 1) % REMEMBERED_IDS;
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

  /** Whether the entry there, which has the last word of the id in `idWords`, is that of the role and the id. */
  #isAt(index: number, role: Role): boolean {
    const words = this.#words;
    const at = this.#restOf(index);
    return (
      words[at] === idWords[0] &&
      words[at + 1] === idWords[1] &&
      Math.floor((words[at + 2] ?? 0) / HALF_WORD) === ROLES[role]
    );
  }

  #placeOf(index: number): number {
    const at = this.#restOf(index);
    return ((this.#words[at + 2] ?? 0) % HALF_WORD) * WORD + (this.#words[at + 3] ?? 0);
  }

  #restOf(index: number): number {
    return this.#room + index * REST_WORDS;
  }

  #makeRoom(): void {
    if (this.#count < this.#room) return;
    const room = Math.min(REMEMBERED_IDS, Math.max(FIRST_ROOM, 2 * this.#room));
    const words = new Uint32Array(room * (1 + REST_WORDS));
    words.set(this.#words.subarray(0, this.#room));
    words.set(this.#words.subarray(this.#room), room);
    this.#words = words;
    this.#room = room;
  }
}
