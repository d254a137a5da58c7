import type { SeenUntil, Token } from '../chat/chat.ts';

interface Sighting {
  poll: Token | null;
  seenUntil: SeenUntil;
}

/**
 * Signs of life and live long polls, in the memory of the one process that sees them all. They are
 * not written to disk on purpose: everyone's clock restarts with the server (protocol.md, "Life cycle").
 */
export class Sightings {
  readonly #byChat = new Map<Token, Map<Token, Sighting>>();

  get(chatToken: Token, userToken: Token): Readonly<Sighting> | undefined {
    return this.#byChat.get(chatToken)?.get(userToken);
  }

  /** A request began. It does not shorten a held poll's presence. */
  visit(chatToken: Token, userToken: Token, at: number): void {
    const sighting = this.#entry(chatToken, userToken);
    sighting.seenUntil = Math.max(sighting.seenUntil, at);
  }

  /** Whether a poll is held at that time: only then does the sign of life lie ahead. */
  isHeld(chatToken: Token, userToken: Token, at: number): boolean {
    const sighting = this.get(chatToken, userToken);
    return sighting !== undefined && sighting.poll !== null && sighting.seenUntil > at;
  }

  beginPoll(chatToken: Token, userToken: Token, poll: Token, until: number): void {
    const sighting = this.#entry(chatToken, userToken);
    sighting.poll = poll;
    sighting.seenUntil = until;
  }

  /** A poll that was superseded ends without a trace: the newer one is the sign of life. */
  endPoll(chatToken: Token, userToken: Token, poll: Token, at: number): void {
    const sighting = this.#byChat.get(chatToken)?.get(userToken);
    if (sighting?.poll === poll) sighting.seenUntil = at;
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

  #entry(chatToken: Token, userToken: Token): Sighting {
    const chat = this.#byChat.get(chatToken) ?? new Map<Token, Sighting>();
    const sighting = chat.get(userToken) ?? { poll: null, seenUntil: 0 };
    this.#byChat.set(chatToken, chat.set(userToken, sighting));
    return sighting;
  }
}
