import type { UserId } from './chat.ts';
import type { Soon } from './soon.ts';

/**
 * Who is typing (protocol.md, "PATCH chat.json: signal"). A signal is shown for `TYPING_SHOWN_MS` and never
 * reaches a disk or a database.
 *
 * Any adapter must pass `test/contract/typing.ts`.
 */
export interface TypingSignals {
  /** Notes that somebody types from `at` (ms since the epoch) on. Never fails: it is a hint. */
  begin(userId: UserId, at: number): Promise<void>;

  /** Takes it back. Never fails. */
  end(userId: UserId): Promise<void>;

  /**
   * Until when somebody counts as typing, in ms since the epoch; `null`: they do not.
   *
   * @param reader who is woken whenever that changes
   */
  until(userId: UserId, now: number, reader?: UserId): Soon<number | null>;
}
