import type { ParticipantKey } from '../chat.ts';
import type { Soon } from '../soon.ts';
import type { Changes } from '../wake-bus.ts';

/** What one check on behalf of a held request found. */
export interface Check<Answer> {
  readonly answer: Answer;
  /** There is news: the request is answered now. */
  readonly isNews: boolean;
  /** When the answer will change without a wake-up, in ms since the epoch. */
  readonly changesAt: number;
}

/** Somebody who polls, again and again. */
export interface Polling<Answer> {
  /** Whose wake-ups end the waiting. */
  readonly key: ParticipantKey;
  /** Of what wake-ups say, what concerns the request that is held: the others do not reach it. */
  readonly watches: Changes;
  /** Reads what there is. What it throws ends the request: superseded, refused, storage away. */
  check(): Soon<Check<Answer>>;
  /** The request that was held has its answer; `null`: nobody is there any more to receive one. */
  answered(answer: Answer | null): void;
  /** The request that was held cannot be answered. */
  failed(error: unknown): void;
  /** Was woken while no request is held. */
  wokenBetween(changes: Changes): void;
}

/** The held requests of somebody, one after the other; it listens from the first of them until it is closed. */
export interface Poller {
  /**
   * Holds a request until there is news; one at a time. It may be answered before this returns.
   *
   * @param mostMs milliseconds after which it is answered in any case, where that is sooner than usual
   */
  hold(mostMs?: number): void;
  /** The client of the request that is held has gone. */
  leave(): void;
  /** Wakes whoever else listens for the same participant. */
  wakeOthers(changes: Changes): void;
  /** No request is held, and none will be. */
  close(): void;
}
