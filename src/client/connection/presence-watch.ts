import type { Clock } from '../../chat/clock.ts';

/** Where the talker is, as far as this page can tell. */
export type Presence = 'unknown' | 'here' | 'away';

export interface PresenceWatchOptions {
  readonly clock: Clock;
  /** How long a request takes on this line and back, in milliseconds. */
  readonly roundTripMs: () => number;
  readonly onChange: (presence: Presence) => void;
}

/** Turns what the polls say into something calm and true. */
export interface PresenceWatch {
  now(): Presence;
  /** A poll said whether the talker holds one. */
  answered(present: boolean): void;
  /** Nobody can tell any more: the connection is gone, or the chat is over. */
  forget(): void;
}

// Between two polls of a talker with 1.5 s of latency the server sees nobody for about two seconds.
const PATIENCE_MS = 3_300;

// One's own next question has to reach the server first.
const BEYOND_ROUND_TRIP_MS = 2_500;

const MOST_PATIENCE_MS = 10_000;

// Who is back so soon was never away.
const FALSE_ALARM_MS = 5_000;

/**
 * Somebody who comes is here at once; somebody who went is away only when they stay away, since between two
 * polls nobody is there for a moment. A false alarm makes it more patient in this chat: the talker's line is slow.
 */
export function createPresenceWatch(options: PresenceWatchOptions): PresenceWatch {
  const { clock, roundTripMs, onChange } = options;
  let shown: Presence = 'unknown';
  let learnedMs = PATIENCE_MS;
  let awaySince = -Infinity;
  let stopWaiting: (() => void) | undefined;

  const cancel = (): void => {
    stopWaiting?.();
    stopWaiting = undefined;
  };

  const show = (presence: Presence): void => {
    cancel();
    if (presence === shown) return;
    shown = presence;
    onChange(presence);
  };

  const patienceMs = (): number =>
    Math.min(MOST_PATIENCE_MS, Math.max(learnedMs, roundTripMs() + BEYOND_ROUND_TRIP_MS));

  const learn = (): void => {
    if (shown === 'away' && clock.elapsed() - awaySince < FALSE_ALARM_MS) {
      learnedMs = Math.min(MOST_PATIENCE_MS, learnedMs * 2);
    }
  };

  return {
    now: () => shown,
    answered(present) {
      if (present) {
        learn();
        show('here');
      } else if (shown !== 'away') {
        stopWaiting ??= clock.after(patienceMs(), () => {
          awaySince = clock.elapsed();
          show('away');
        });
      }
    },
    forget() {
      show('unknown');
    },
  };
}
