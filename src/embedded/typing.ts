import { TYPING_SHOWN_MS } from '../protocol.ts';
import type { UserId } from '../chat/chat.ts';
import type { TypingSignals } from '../chat/typing.ts';

/** Who types, in the memory of the one process. */
export function createTypingInMemory(): TypingSignals {
  /** In the order of their ends, since each is shown for the same time. */
  const ends = new Map<UserId, number>();

  const forgetOver = (now: number): void => {
    for (const [userId, end] of ends) {
      if (end > now) return;
      ends.delete(userId);
    }
  };

  return {
    begin: (userId, at) => {
      forgetOver(at);
      ends.delete(userId);
      ends.set(userId, at + TYPING_SHOWN_MS);
      return Promise.resolve();
    },
    end: (userId) => {
      ends.delete(userId);
      return Promise.resolve();
    },
    until: (userId, now) => {
      const end = ends.get(userId) ?? 0;
      return end > now ? end : null;
    },
  };
}
