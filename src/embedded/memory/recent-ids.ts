import { Buffer } from 'node:buffer';
import type { Role } from '../../chat/chat.ts';
import { REMEMBERED_IDS, type Token } from '../../protocol.ts';

/** Bytes of an entry: the sender's role, the id, and the place of its row in the journal. */
const ID_LENGTH = 12;
const NAME_LENGTH = 1 + ID_LENGTH;
const PLACE_LENGTH = 6;
const ENTRY_LENGTH = NAME_LENGTH + PLACE_LENGTH;

/** Never 0, which stands where no entry is yet. */
const ROLES: Readonly<Record<Role, number>> = { creator: 1, joiner: 2 };

/** Entries for which there is room at first. */
const FIRST_ROOM = 4;

const NO_ENTRIES = Buffer.alloc(0);

/** The name that is looked for, or written. */
const name = Buffer.alloc(NAME_LENGTH);

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
    if (this.#count === 0) return false;
    setName(role, id);
    let found = this.#entries.indexOf(name);
    // The same bytes may lie across two entries.
    while (found !== -1 && found % ENTRY_LENGTH !== 0)
      found = this.#entries.indexOf(name, found + 1);
    return found !== -1;
  }

  /** Remembers an id; gives the place of the one that is forgotten for it, if there is one. */
  add(role: Role, id: Token, place: number): number | null {
    const isFull = this.#count === REMEMBERED_IDS;
    if (!isFull) this.#makeRoom();
    const forgotten = isFull ? this.#placeOf(this.#next) : null;
    setName(role, id);
    const at = this.#next * ENTRY_LENGTH;
    name.copy(this.#entries, at);
    this.#entries.writeUIntBE(place, at + NAME_LENGTH, PLACE_LENGTH);
    this.#next = (this.#next + 1) % REMEMBERED_IDS;
    if (!isFull) this.#count += 1;
    return forgotten;
  }

  /** The places of all of them. */
  places(): number[] {
    return Array.from({ length: this.#count }, (_, index) => this.#placeOf(index));
  }

  #placeOf(index: number): number {
    return this.#entries.readUIntBE(index * ENTRY_LENGTH + NAME_LENGTH, PLACE_LENGTH);
  }

  #makeRoom(): void {
    const room = this.#entries.length / ENTRY_LENGTH;
    if (this.#count < room) return;
    const more = Math.min(REMEMBERED_IDS, Math.max(FIRST_ROOM, 2 * room));
    const entries = Buffer.alloc(more * ENTRY_LENGTH);
    this.#entries.copy(entries);
    this.#entries = entries;
  }
}

function setName(role: Role, id: Token): void {
  name[0] = ROLES[role];
  name.write(id, 1, 'hex');
}
