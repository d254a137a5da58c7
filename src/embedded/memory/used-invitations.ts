import { hashToken } from '../../chat/chat.ts';
import type { Token } from '../../protocol.ts';
import type { Changes } from './changes.ts';

/** Entries that are looked at without a pause. */
const BETWEEN_PAUSES = 2000;

export interface UsedInvitation {
  /** Number of the chat that was removed. */
  readonly number: number;
  readonly removed: number;
}

/** Of removed chats, the hash of the token and when that was. */
export class UsedInvitations {
  readonly #changes: Changes;
  readonly #byHash = new Map<string, UsedInvitation>();

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** As it was read from the journal. */
  restore(hash: string, invitation: UsedInvitation): void {
    this.#byHash.set(hash, invitation);
  }

  add(chatToken: Token, invitation: UsedInvitation): void {
    const hash = hashToken(chatToken);
    const earlier = this.#byHash.get(hash);
    if (earlier !== undefined) {
      this.#byHash.delete(hash);
      this.#changes.removeInvitation(earlier.number);
    }
    this.#byHash.set(hash, invitation);
    this.#changes.putInvitation(invitation.number, hash, invitation.removed);
  }

  has(chatToken: Token, removedAfter: number): boolean {
    // Most servers have seen no chat end yet when they are asked first.
    if (this.#byHash.size === 0) return false;
    const found = this.#byHash.get(hashToken(chatToken));
    return found !== undefined && found.removed > removedAfter;
  }

  /** Forgets what was removed at or before a time; pauses now and then, for whoever else has work to do. */
  *forget(removedBefore: number): Generator<void> {
    let looked = 0;
    for (const [hash, { number, removed }] of this.#byHash) {
      looked += 1;
      if (looked % BETWEEN_PAUSES === 0) yield;
      if (removed > removedBefore) continue;
      this.#byHash.delete(hash);
      this.#changes.removeInvitation(number);
    }
  }
}
