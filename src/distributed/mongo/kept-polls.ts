import { MongoBulkWriteError } from 'mongodb';
import type { Poll } from '../../chat/chat-store.ts';
import type { Answered } from './batches.ts';
import type { Attempt } from './connection.ts';
import { isUnavailable, withoutContents } from './errors.ts';
import { byChat } from './joint-steps.ts';
import { signOfLife } from './operations.ts';
import * as steps from './updates/presence.ts';

/** A poll that is held on. */
export type KeptPoll = Poll & { readonly until: number };

/** Holds polls on, each that is still its participant's newest, with one command. */
export async function keepPolls(
  { chats, maxTimeMS }: Attempt,
  polls: readonly KeptPoll[],
): Promise<Answered<undefined>[]> {
  const inOrder = polls
    .map((poll, index) => ({ poll, index }))
    .toSorted((one, other) => byChat(one.poll, other.poll));
  const updates = inOrder.map(({ poll }) => ({
    updateOne: {
      filter: steps.isPolling(poll),
      update: steps.endPoll({ ...poll, at: poll.until }),
    },
  }));
  const options = { ordered: false, maxTimeMS, ...signOfLife };
  const failed = new Map<number, Error>();
  try {
    await chats.bulkWrite(updates, options);
  } catch (error) {
    // One that cannot be written is nobody's trouble but its own.
    if (!(error instanceof MongoBulkWriteError) || isUnavailable(error)) throw error;
    for (const each of [error.writeErrors].flat())
      failed.set(inOrder[each.index]?.index ?? 0, withoutContents(error));
  }
  return polls.map((_poll, index) => {
    const error = failed.get(index);
    return error === undefined ? { value: undefined } : { error };
  });
}
