import type { ReceiverEnd } from './connection/receiver.ts';
import type { ClosedReason } from './events.ts';

/** By whom or by what a chat is closed, as far as this participant knows. */
export interface Closing {
  /** This participant closes it. */
  begin(): void;
  /** And could not. */
  fail(): void;
  /** The system says this. */
  note(event: string | undefined): void;
  /** Why nothing is received any more. */
  reasonOf(end: ReceiverEnd): ClosedReason;
}

/** Creates what is known of a chat that nobody closes yet. */
export function createClosing(): Closing {
  let isOwn = false;
  let said: ClosedReason | undefined;
  return {
    begin() {
      isOwn = true;
    },
    fail() {
      isOwn = false;
    },
    note(event) {
      if (event === 'closed') said = isOwn ? 'you' : 'talker';
      if (event === 'absent' || event === 'expired') said = event;
    },
    reasonOf(end) {
      if (end === 'superseded') return 'superseded';
      return said ?? (isOwn ? 'you' : END[end]);
    },
  };
}

const END = { closed: 'talker', unauthorized: 'removed' } as const;
