import { participantOf, type Chat, type Participant, type Token } from '../../chat/chat.ts';

/**
 * Participants of late, so that authenticating them costs no round trip. What is remembered never
 * changes; who has not been asked for the longest is forgotten first.
 */
export class RecentParticipants {
  readonly #byTokens = new Map<string, Participant>();
  readonly #limit: number;

  /** @param limit how many are remembered at the most; one takes about 300 bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(chatToken: Token, userToken: Token): Participant | undefined {
    const key = keyOf(chatToken, userToken);
    const participant = this.#byTokens.get(key);
    if (participant !== undefined) this.#put(key, participant);
    return participant;
  }

  /** Remembers who of this chat has the user token, and gives it. */
  add(chat: Chat, userToken: Token): Participant {
    const participant = participantOf(chat, userToken);
    this.#put(keyOf(chat.token, userToken), participant);
    return participant;
  }

  /** A map keeps the order of insertion: the first is the one unused for the longest. */
  #put(key: string, participant: Participant): void {
    this.#byTokens.delete(key);
    this.#byTokens.set(key, participant);
    if (this.#byTokens.size <= this.#limit) return;
    for (const oldest of this.#byTokens.keys()) {
      this.#byTokens.delete(oldest);
      return;
    }
  }
}

const keyOf = (chatToken: Token, userToken: Token): string => chatToken + userToken;
