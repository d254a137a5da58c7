import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { isBlank, refusals, TYPING_SHOWN_MS } from '../../protocol.ts';
import { toFailure } from '../api/no-answer.ts';

export interface TypingSignalOptions {
  readonly clock: Clock;
  readonly signal: (typing: boolean) => Promise<void>;
  /** Whether the talker is there and may know. */
  readonly isWanted: () => boolean;
}

/** Tells the talker that somebody types, as seldom as it can. */
export interface TypingSignal {
  /** The text in the field changed. */
  changed(text: string): void;
  /** The text was sent, or typing must not be known any more. */
  ended(): void;
}

// Repeated while it is still shown, with time for the way.
const REPEAT_AFTER_MS = TYPING_SHOWN_MS - 2_000;

// It is only a hint: after a refusal it is left alone for a while.
const PAUSE_MS = 15_000;

/** Creates the signal of one chat. */
export function createTypingSignal({ clock, signal, isWanted }: TypingSignalOptions): TypingSignal {
  let saidAt: number | undefined;
  let pausedUntil = -Infinity;

  const pause = (failure: Failure): void => {
    if (failure.code === refusals.conflict.code) return;
    pausedUntil = clock.elapsed() + Math.max(PAUSE_MS, failure.retryAfterMs ?? 0);
  };

  const say = (typing: boolean): void => {
    if (clock.elapsed() < pausedUntil) return;
    saidAt = typing ? clock.elapsed() : undefined;
    signal(typing).catch((thrown: unknown) => {
      pause(toFailure(thrown));
    });
  };

  const isShown = (): boolean => saidAt !== undefined && clock.elapsed() - saidAt < TYPING_SHOWN_MS;

  const end = (): void => {
    if (isShown()) say(false);
    saidAt = undefined;
  };

  return {
    changed(text) {
      if (isBlank(text)) {
        end();
        return;
      }
      const isFresh = saidAt !== undefined && clock.elapsed() - saidAt < REPEAT_AFTER_MS;
      if (!isFresh && isWanted()) say(true);
    },
    ended: end,
  };
}
