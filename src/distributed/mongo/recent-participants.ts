import { participantOf, type Chat, type Participant, type UserId } from '../../chat/chat.ts';
import type { Caller } from '../../chat/chat-store.ts';
import type { Token } from '../../protocol.ts';

/**
 * Participants of late, so that authenticating them costs no round trip. What is remembered never
 * changes; who has not been asked for the longest is forgotten first.
 */
export class RecentParticipants {
  readonly #byKey = new Map<string, Participant>();
  readonly #limit: number;

  /** @param limit how many are remembered at the most; one takes about 300 bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get({ chatToken, userId }: Caller): Participant | undefined {
    const key = keyOf(chatToken, userId);
    const participant = this.#byKey.get(key);
    if (participant !== undefined) this.#put(key, participant);
    return participant;
  }

  /** Remembers who of this chat has the user id, and gives it. */
  add(chat: Chat, userId: UserId): Participant {
    const participant = participantOf(chat, userId);
    this.#put(keyOf(chat.token, userId), participant);
    return participant;
  }

  /** A map keeps the order of insertion: the first is the one unused for the longest. */
  #put(key: string, participant: Participant): void {
    this.#byKey.delete(key);
    this.#byKey.set(key, participant);
    if (this.#byKey.size <= this.#limit) return;
    for (const oldest of this.#byKey.keys()) {
      this.#byKey.delete(oldest);
      return;
    }
  }
}

const keyOf = (chatToken: Token, userId: UserId): string => chatToken + userId;
