import type { ParticipantKey } from './chat.ts';
import type { Soon } from './soon.ts';

/**
 * What a wake-up says: which parts of what a participant sees may have changed. One bit each, so that several
 * are one number: `changed.inbox | changed.status`.
 */
export const changed = {
  /** There are more messages, or there is a notice. */
  inbox: 1,
  status: 2,
  /** The talker came or left. */
  presence: 4,
  /** How many of the participant's own messages are on their way. */
  waiting: 8,
  typing: 16,
  /** The participant polls anew: an older poll of theirs has to end. */
  superseded: 32,
} as const;

/** Any combination of the bits of {@link changed}. */
export type Changes = number;

/** For whoever cannot tell what has changed: look at everything. */
export const ANYTHING: Changes = Object.values(changed).reduce((all, one) => all | one, 0);

/**
 * Who should look again, and at what. A wake-up carries no data, so losing one costs a delay and doubling one
 * costs a read.
 *
 * Any adapter must pass `test/contract/wake-bus.ts`.
 */
export interface WakeBus {
  /**
   * Calls `onWake` whenever somebody wakes this participant, from any process, until the returned
   * function is called. It says what has changed, or {@link ANYTHING}: what it names may be the same after all,
   * what it does not name is. It is there when it is certain that a later wake-up arrives here, or at once if
   * the bus is out of order: waiting then falls back to iterations.
   */
  listen(who: ParticipantKey, onWake: (changes: Changes) => void): Soon<() => void>;

  /**
   * Tells whoever listens for this participant to look again at what has changed, except the listener that is
   * named. Never fails: it is a hint.
   */
  wake(who: ParticipantKey, changes: Changes, except?: (changes: Changes) => void): void;

  /**
   * Whether wake-ups travel now. While they do none is lost but by an accident that nobody notices. After a
   * time in which they did not, every listener is told to look at everything.
   */
  isHealthy(): boolean;

  disconnect(): Promise<void>;
}
