import type { ParticipantKey } from '../../chat/chat.ts';

/**
 * What is known of somebody for as long as nothing was heard of them: dropped with the first wake-up that concerns
 * it, when nobody listens for them any more, and when wake-ups do not travel.
 */
export interface Hearing<Value> {
  /** Stands for all that has been heard until now; `null`: nothing can be heard. */
  mark(who: ParticipantKey): number | null;
  /** Keeps a value that was read after a mark was taken, unless something has been heard since. */
  keep(who: ParticipantKey, mark: number | null, value: Value): void;
  kept(who: ParticipantKey): Value | undefined;
}
