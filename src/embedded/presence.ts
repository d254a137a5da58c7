import type { SeenUntil, UserId } from '../chat/chat.ts';
import type { Token } from '../protocol.ts';

interface Presence {
  poll: Token | null;
  seenUntil: SeenUntil;
}

/**
 * Signs of life and live long polls, in the memory of the one process that sees them all. They are
 * not written to disk on purpose: everyone's clock restarts with the server (protocol.md, "Life cycle").
 */
export class Presences {
  readonly #byChat = new Map<Token, Map<UserId, Presence>>();

  get(chatToken: Token, userId: UserId): Readonly<Presence> | undefined {
    return this.#byChat.get(chatToken)?.get(userId);
  }

  seenUntil(chatToken: Token, userId: UserId): SeenUntil | null {
    return this.get(chatToken, userId)?.seenUntil ?? null;
  }

  /** A request began. It does not shorten a held poll's presence. */
  signOfLife(chatToken: Token, userId: UserId, at: number): void {
    const presence = this.#entry(chatToken, userId);
    presence.seenUntil = Math.max(presence.seenUntil, at);
  }

  /** Whether a poll is held at that time: only then does the sign of life lie ahead. */
  isHeld(chatToken: Token, userId: UserId, at: number): boolean {
    const presence = this.get(chatToken, userId);
    return presence !== undefined && presence.poll !== null && presence.seenUntil > at;
  }

  beginPoll(chatToken: Token, userId: UserId, poll: Token, until: number): void {
    const presence = this.#entry(chatToken, userId);
    presence.poll = poll;
    presence.seenUntil = until;
  }

  /** `false`: it was superseded, and ends without a trace: the newer one is the sign of life. */
  endPoll(chatToken: Token, userId: UserId, poll: Token, at: number): boolean {
    const presence = this.#byChat.get(chatToken)?.get(userId);
    if (presence?.poll !== poll) return false;
    presence.seenUntil = at;
    return true;
  }

  forget(chatToken: Token): void {
    this.#byChat.delete(chatToken);
  }

  /**
   * Forgets every chat in which nobody was seen after a time: when chats that old are removed, this one
   * was, whoever did it.
   */
  forgetUnseenSince(time: number): void {
    for (const [chatToken, people] of this.#byChat) {
      const isUnseen = [...people.values()].every(({ seenUntil }) => seenUntil <= time);
      if (isUnseen) this.#byChat.delete(chatToken);
    }
  }

  #entry(chatToken: Token, userId: UserId): Presence {
    const chat = this.#byChat.get(chatToken) ?? new Map<UserId, Presence>();
    const presence = chat.get(userId) ?? { poll: null, seenUntil: 0 };
    this.#byChat.set(chatToken, chat.set(userId, presence));
    return presence;
  }
}
