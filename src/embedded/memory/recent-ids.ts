import { Buffer } from 'node:buffer';
import type { Role } from '../../chat/chat.ts';
import { REMEMBERED_IDS, type Token } from '../../protocol.ts';

/**
 * The ids of the last messages of one chat, oldest first, packed: most of what an idle chat takes would be these.
 * Each is 12 characters of one byte for the id, one for the sender's role, and 6 for the place of its row in
 * the journal.
 */
export type RecentIds = string;

export const NO_IDS: RecentIds = '';

const NAME_LENGTH = 13;
const PLACE_LENGTH = 6;
const ENTRY_LENGTH = NAME_LENGTH + PLACE_LENGTH;

const nameOf = (role: Role, id: Token): string =>
  Buffer.from(id, 'hex').toString('latin1') + (role === 'creator' ? 'c' : 'j');

/** Whether somebody in this role has sent a message with this id among the last. */
export function hasRecentId(ids: RecentIds, role: Role, id: Token): boolean {
  const name = nameOf(role, id);
  let found = ids.indexOf(name);
  // The same characters may lie across two entries.
  while (found !== -1 && found % ENTRY_LENGTH !== 0) found = ids.indexOf(name, found + 1);
  return found !== -1;
}

export const addRecentId = (ids: RecentIds, role: Role, id: Token, place: number): RecentIds =>
  ids + entryOf(role, id, place);

/** One of them by itself; many of them, joined, are the ids of a chat. */
export function entryOf(role: Role, id: Token, place: number): RecentIds {
  const [high, low] = [Math.floor(place / HALF), place % HALF];
  return nameOf(role, id) + bytesOf(high) + bytesOf(low);
}

/** What the first three bytes of a place count. */
const HALF = 2 ** 24;

const bytesOf = (half: number): string =>
  String.fromCharCode((half >> 16) & 255, (half >> 8) & 255, half & 255);

/** Cuts what is older than the last `REMEMBERED_IDS`; gives what is left, and the places of what was cut. */
export function forgetOldIds(ids: RecentIds): {
  readonly ids: RecentIds;
  readonly places: number[];
} {
  const cut = Math.max(0, ids.length - REMEMBERED_IDS * ENTRY_LENGTH);
  return { ids: ids.slice(cut), places: placesOf(ids.slice(0, cut)) };
}

/** The places of all of them, oldest first. */
export function placesOf(ids: RecentIds): number[] {
  const bytes = Buffer.from(ids, 'latin1');
  return Array.from({ length: ids.length / ENTRY_LENGTH }, (_, index) =>
    bytes.readUIntBE(index * ENTRY_LENGTH + NAME_LENGTH, PLACE_LENGTH),
  );
}
