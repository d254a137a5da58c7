import type { Chat } from '../../chat/chat.ts';
import type { Caller } from '../../chat/chat-store.ts';
import type { Token } from '../../protocol.ts';

/**
 * Chats of late as they were seen last, for what never changes about them: who is in them, once somebody has
 * joined, and what was agreed on. Whose facts are known is authenticated without a round trip, and a step of theirs
 * need not read them. The one that nobody has asked for the longest is forgotten first.
 */
export class RecentChats {
  readonly #byToken = new Map<Token, Chat>();
  readonly #limit: number;

  /** @param limit how many are remembered at the most; one takes about 400 bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The chat, if it is remembered and the caller is one of its two. */
  get({ chatToken, userId }: Caller): Chat | undefined {
    const chat = this.#byToken.get(chatToken);
    if (chat !== undefined) this.#put(chat);
    return chat?.creator === userId || chat?.joiner === userId ? chat : undefined;
  }

  /** Remembers a chat, and gives it. */
  add(chat: Chat): Chat {
    this.#put(chat);
    return chat;
  }

  /** A map keeps the order of insertion: the first is the one unused for the longest. */
  #put(chat: Chat): void {
    this.#byToken.delete(chat.token);
    this.#byToken.set(chat.token, chat);
    if (this.#byToken.size <= this.#limit) return;
    for (const oldest of this.#byToken.keys()) {
      this.#byToken.delete(oldest);
      return;
    }
  }
}
