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

// The server has waited for a second or more: this is for a line that falters now and then.
const PATIENCE_MS = 2_000;

const MOST_PATIENCE_MS = 10_000;

/**
 * Somebody who comes is here at once; somebody who went is away only when they stay away, since between two
 * polls nobody is there for a moment. How slow the talker's line is the server knows, and waits for them accordingly.
 */
export function createPresenceWatch(options: PresenceWatchOptions): PresenceWatch {
  const { clock, roundTripMs, onChange } = options;
  let shown: Presence = 'unknown';
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

  /** One's own next question has to reach the server first. */
  const patienceMs = (): number => Math.min(MOST_PATIENCE_MS, PATIENCE_MS + roundTripMs());

  return {
    now: () => shown,
    answered(present) {
      if (present) {
        show('here');
      } else if (shown !== 'away') {
        stopWaiting ??= clock.after(patienceMs(), () => {
          show('away');
        });
      }
    },
    forget() {
      show('unknown');
    },
  };
}
