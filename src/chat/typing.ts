import type { ParticipantKey } from './chat.ts';
import type { Soon } from './soon.ts';

/**
 * Who is typing (protocol.md, "PATCH chat.json: signal"). A signal is shown for `TYPING_SHOWN_MS` and never
 * reaches a disk or a database.
 *
 * Any adapter must pass `test/contract/typing.ts`.
 */
export interface TypingSignals {
  /** Notes that somebody types from `at` (ms since the epoch) on. Never fails: it is a hint. */
  begin(who: ParticipantKey, at: number): Promise<void>;

  /** Takes it back. Never fails. */
  end(who: ParticipantKey): Promise<void>;

  /**
   * Until when somebody counts as typing, in ms since the epoch; `null`: they do not.
   *
   * @param reader who is woken whenever that changes
   */
  until(who: ParticipantKey, now: number, reader?: ParticipantKey): Soon<number | null>;
}
