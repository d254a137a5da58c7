import type { Token } from '../../protocol.ts';
import type { Delivery, Known } from '../delivery.ts';

export interface HoldOptions {
  /** `null`: nothing yet, so whatever there is is news. */
  readonly known: Known | null;
  /** Ids that the receiver has got and the server has still: an inbox that holds only those is no news. */
  readonly delivered?: ReadonlySet<Token>;
  /** Milliseconds after which it wants an answer in any case, so that a client that stands still is noticed. */
  readonly mostMs?: number | undefined;
}

export interface WithClient {
  /** Calls a listener when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

/** A request to hold. It is told its end once, in one of two ways, and perhaps before it is known to be held. */
export interface HeldPoll extends HoldOptions {
  /** What there is; `null` when the client has gone. */
  answered(delivery: Delivery | null): void;
  /** Refused: 409 when the participant polls anew elsewhere. */
  failed(error: unknown): void;
}

/** Somebody's request that is held now. */
export interface Holding {
  /** To be called when the client of a request goes away. */
  leave(request: HeldPoll): void;
}

/**
 * The participant's live receiver from its first hold on, over any number of holds, until it ends or another
 * one begins: "one long poll per participant", for a connection that outlives one answer.
 */
export interface Receiver {
  /**
   * Holds until there is news, as {@link Receiving.hold} does. One at a time, and none after `end`. When the
   * server stops, the hold under way is the last: 503 to the next.
   */
  next(options: HoldOptions & WithClient): Promise<Delivery | null>;
  /**
   * From `at` on (ms since the epoch; by default now) the participant counts as gone, unless another receiver has
   * taken this one's place.
   */
  end(at?: number): void;
}
