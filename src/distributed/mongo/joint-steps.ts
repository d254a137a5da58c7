import { MongoBulkWriteError, type Document, type ObjectId } from 'mongodb';
import type { Status, Token } from '../../protocol.ts';
import type { Answered } from './batches.ts';
import type { Attempt } from './connection.ts';
import { toId, type SentDocument } from './documents.ts';
import { isUnavailable } from './errors.ts';
import { mineIs, type PlainStep } from './plain-steps.ts';

/**
 * Takes many steps with one command, and gives for each whether it has been taken for certain; what has not may have
 * been refused, and its caller takes it alone. The server says of the command only how many guards were met: if
 * that is less than all, one read finds out whose.
 */
export async function takeTogether(
  attempt: Attempt,
  steps: readonly PlainStep[],
): Promise<Answered<boolean>[]> {
  const inOrder = steps.toSorted(byChat);
  if ((await countTaken(attempt, inOrder)) === steps.length)
    return steps.map(() => ({ value: true }));
  const found = await readAbout(attempt, steps);
  return steps.map((step) => ({ value: wasTaken(step, found.get(step.chatToken)) }));
}

/**
 * The order in which one command changes chats. A server that has a whole command in one transaction, as FerretDB
 * does, makes two of them wait for each other where their orders differ.
 */
export const byChat = (one: { chatToken: Token }, other: { chatToken: Token }): number =>
  one.chatToken < other.chatToken ? -1 : Number(one.chatToken > other.chatToken);

/** How many guards were met. One that cannot be written is nobody's trouble but its own. */
async function countTaken(
  { chats, maxTimeMS }: Attempt,
  steps: readonly PlainStep[],
): Promise<number> {
  const updates = steps.map(({ guard, effect, userId }) => ({
    updateOne: { filter: guard, update: effect, arrayFilters: [mineIs(userId)] },
  }));
  try {
    return (await chats.bulkWrite(updates, { ordered: false, maxTimeMS })).matchedCount;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || isUnavailable(error)) throw error;
    return error.result.matchedCount;
  }
}

interface About {
  readonly _id: ObjectId;
  readonly status: Status;
  readonly user_tokens: readonly ObjectId[];
  /** Of those asked about: which are remembered as sent, and which are undelivered. */
  readonly recent: readonly Pick<SentDocument, '_id' | 'user_token'>[];
  readonly messages: About['recent'];
}

/** What each chat says about these messages. */
async function readAbout(
  { chats, maxTimeMS }: Attempt,
  steps: readonly PlainStep[],
): Promise<Map<Token, About>> {
  const asked = new Set(steps.flatMap(({ ids }) => ids));
  const ids = [...asked].map(toId);
  const chatIds = [...new Set(steps.map(({ chatToken }) => chatToken))].map(toId);
  const projection = {
    status: 1,
    user_tokens: 1,
    recent: onlyAmong('$recent', ids),
    messages: onlyAmong('$messages', ids),
  };
  const options = { maxTimeMS, projection, batchSize: chatIds.length + 1 };
  const found = await chats.find<About>({ _id: { $in: chatIds } }, options).toArray();
  return new Map(found.map((about) => [about._id.toHexString(), about]));
}

const onlyAmong = (array: string, ids: readonly ObjectId[]): Document => ({
  $map: {
    input: {
      $filter: {
        input: { $ifNull: [array, []] },
        as: 'one',
        cond: { $in: ['$$one._id', { $literal: ids }] },
      },
    },
    as: 'one',
    in: { _id: '$$one._id', user_token: '$$one.user_token' },
  },
});

/**
 * A send, if all its messages are remembered as its sender's; an acknowledgement, if none is there any more. In a chat that
 * is closed by now nothing is certain: a send may repeat an older one, which is refused, and an acknowledgement removes it.
 */
function wasTaken({ kind, ids, userId }: PlainStep, about: About | undefined): boolean {
  if (about?.status !== 'ready' || !about.user_tokens.some((id) => id.toHexString() === userId))
    return false;
  const places = kind === 'send' ? about.recent : about.messages;
  const mine = places.filter(({ user_token: id }) => id.toHexString() === userId);
  const there = new Set(mine.map(({ _id }) => _id.toHexString()));
  return kind === 'send' ? ids.every((id) => there.has(id)) : there.size === 0;
}
