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
  /** The text was sent: the message itself tells that. */
  sent(): void;
  /** Typing must not be known any more. */
  ended(): void;
}

// What is sent at once, pasted or short, needs no signal.
const FIRST_AFTER_MS = 400;

// Repeated while it is still shown, with time for the way.
const REPEAT_AFTER_MS = TYPING_SHOWN_MS - 2_000;

// It is only a hint: after a refusal it is left alone for a while.
const PAUSE_MS = 15_000;

/** Creates the signal of one chat. */
export function createTypingSignal({ clock, signal, isWanted }: TypingSignalOptions): TypingSignal {
  let saidAt = -Infinity;
  let pausedUntil = -Infinity;
  let cancelFirst: (() => void) | undefined;
  /** The talker sees it for what is in the field now, and not for what was sent. */
  let isSeen = false;

  const hasSaidWithin = (milliseconds: number): boolean => clock.elapsed() - saidAt < milliseconds;

  const pause = (failure: Failure): void => {
    if (failure.code === refusals.conflict.code) return;
    pausedUntil = clock.elapsed() + Math.max(PAUSE_MS, failure.retryAfterMs ?? 0);
  };

  const say = (typing: boolean): void => {
    if (clock.elapsed() < pausedUntil) return;
    saidAt = typing ? clock.elapsed() : -Infinity;
    signal(typing).catch((thrown: unknown) => {
      pause(toFailure(thrown));
    });
  };

  const sayAgain = (): void => {
    cancelFirst = undefined;
    isSeen = true;
    if (!hasSaidWithin(REPEAT_AFTER_MS) && isWanted()) say(true);
  };

  const forgetFirst = (): void => {
    cancelFirst?.();
    cancelFirst = undefined;
  };

  const end = (): void => {
    forgetFirst();
    isSeen = false;
    if (hasSaidWithin(TYPING_SHOWN_MS)) say(false);
  };

  const sent = (): void => {
    forgetFirst();
    isSeen = false;
  };

  return {
    changed(text) {
      if (isBlank(text) && isSeen) end();
      else if (isBlank(text)) forgetFirst();
      else if (isSeen) sayAgain();
      else cancelFirst ??= clock.after(FIRST_AFTER_MS, sayAgain);
    },
    sent,
    ended: end,
  };
}
