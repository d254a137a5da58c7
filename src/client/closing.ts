import { refusals } from '../protocol.ts';
import { toFailure } from './api/no-answer.ts';
import type { ReceiverEnd } from './connection/receiver.ts';
import type { ClosedReason } from './events.ts';

/** By whom or by what a chat is closed, as far as this participant knows. */
export interface Closing {
  /**
   * This participant closes it, by this call. Rejects when it could not.
   *
   * @returns why the server did not know this participant any more, if so
   */
  byOneself(close: () => Promise<unknown>): Promise<ClosedReason | undefined>;
  /** The system says this. */
  note(event: string | undefined): void;
  /** Why nothing is received any more. */
  reasonOf(end: ReceiverEnd): ClosedReason;
}

/** Creates what is known of a chat that nobody closes yet. */
export function createClosing(): Closing {
  let isOwn = false;
  let said: ClosedReason | undefined;

  const reasonOf = (end: ReceiverEnd): ClosedReason => {
    if (end === 'superseded') return 'superseded';
    return said ?? (isOwn ? 'you' : END[end]);
  };

  return {
    async byOneself(close) {
      isOwn = true;
      try {
        await close();
        return undefined;
      } catch (thrown) {
        isOwn = false;
        if (toFailure(thrown).code !== refusals.unauthorized.code) throw thrown;
        return reasonOf('unauthorized');
      }
    },
    note(event) {
      if (event === 'closed') said = isOwn ? 'you' : 'talker';
      if (event === 'absent' || event === 'expired') said = event;
    },
    reasonOf,
  };
}

const END = { closed: 'talker', unauthorized: 'removed' } as const;
