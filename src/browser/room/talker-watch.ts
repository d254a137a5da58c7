import type { Clock } from '../../chat/clock.ts';
import type { Asking, ChatState, Inbox } from '../../client/api/answers.ts';
import { createPresenceWatch } from '../../client/connection/presence-watch.ts';
import { TYPING_SHOWN_MS } from '../../protocol.ts';
import { awayOf, type Talker } from './talker.ts';

export interface TalkerWatchOptions {
  readonly clock: Clock;
  /** How long a request takes on this line and back, in milliseconds. */
  readonly roundTripMs: () => number;
  /** Whether the two may see when the other types. */
  readonly showsTyping: () => boolean;
  readonly onChange: () => void;
  /** They have gone: the state of the chat tells since when. */
  readonly onAway: () => void;
}

/** Where the talker of a chat with two people is, as the server's answers tell it. */
export interface TalkerWatch {
  now(): Talker;
  /** What a poll asks for: it is told what is known already, and is short while somebody may see that one is here. */
  asking: () => Omit<Asking, 'waiting'>;
  /** A poll was answered. `hasSpoken`: with something that they have just written. */
  answered(talker: NonNullable<Inbox['talker']>, hasSpoken: boolean): void;
  /** The state of the chat was answered. */
  stated(state: ChatState): void;
  /** Nobody can tell any more. */
  forget(): void;
}

/**
 * Whoever does not come back after a poll has gone: so long, and a second of the server's and two of the other page's
 * patience, one may stand still before the other is told.
 */
const SHORT_HOLD_SECONDS = 1.5;

/** Creates the watch of one chat. */
export function createTalkerWatch(options: TalkerWatchOptions): TalkerWatch {
  const { clock, showsTyping, onChange } = options;
  // What the server said last.
  let told: Inbox['talker'];
  let away: Talker = { kind: 'away' };
  // Who has sent what they typed may still count as typing with the server, which hears no more of it.
  let hasSentUntil = -Infinity;

  const presence = createPresenceWatch({
    clock,
    roundTripMs: options.roundTripMs,
    onChange(now) {
      away = { kind: 'away' };
      onChange();
      if (now === 'away') options.onAway();
    },
  });

  const isTyping = (): boolean =>
    told?.typing === true && showsTyping() && clock.elapsed() >= hasSentUntil;

  const noteSpoken = (): void => {
    hasSentUntil = clock.elapsed() + TYPING_SHOWN_MS;
    clock.after(TYPING_SHOWN_MS, onChange);
  };

  return {
    now() {
      const kind = presence.now();
      if (kind === 'away') return away;
      return { kind: kind === 'here' && isTyping() ? 'typing' : kind };
    },
    asking: () => ({
      ...(told && { present: told.present }),
      ...(told?.present && { hold: SHORT_HOLD_SECONDS }),
      ...(told && showsTyping() && { typing: told.typing }),
    }),
    answered(talker, hasSpoken) {
      told = talker;
      if (!talker.typing) hasSentUntil = -Infinity;
      else if (hasSpoken) noteSpoken();
      presence.answered(talker.present || hasSpoken);
      onChange();
    },
    stated(state) {
      if (state.participants === 2) presence.answered(state.talker.present);
      away = awayOf(state, clock.now());
      onChange();
    },
    forget() {
      presence.forget();
    },
  };
}
