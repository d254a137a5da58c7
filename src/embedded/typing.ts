import { TYPING_SHOWN_MS } from '../protocol.ts';
import type { ParticipantKey } from '../chat/chat.ts';
import type { TypingSignals } from '../chat/typing.ts';

/** Who types, in the memory of the one process. */
export function createTypingInMemory(): TypingSignals {
  /** In the order of their ends, since each is shown for the same time. */
  const ends = new Map<ParticipantKey, number>();

  const forgetOver = (now: number): void => {
    for (const [who, end] of ends) {
      if (isShown(end, now)) return;
      ends.delete(who);
    }
  };

  return {
    begin: (who, at) => {
      forgetOver(at);
      ends.delete(who);
      ends.set(who, at + TYPING_SHOWN_MS);
      return Promise.resolve();
    },
    end: (who) => {
      ends.delete(who);
      return Promise.resolve();
    },
    until: (who, now) => {
      const end = ends.get(who) ?? 0;
      return isShown(end, now) ? end : null;
    },
  };
}

/** One that ends further ahead was noted before the time of the machine was set back. */
const isShown = (end: number, now: number): boolean => end > now && end <= now + TYPING_SHOWN_MS;
