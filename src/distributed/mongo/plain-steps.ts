import type { Document, Filter } from 'mongodb';
import { talkerOf, type Chat, type UserId } from '../../chat/chat.ts';
import type { Acknowledgement, Caller } from '../../chat/chat-store.ts';
import { INBOX_LIMIT, REMEMBERED_IDS } from '../../protocol.ts';
import { fromMessage, toId, toSent, type ChatDocument } from './documents.ts';
import { eachIdOnce, type MarkedSend } from './updates/messages.ts';

/**
 * Sends and acknowledgements as nearly all of them are: in a chat that is ready, new to it, and with much room. As
 * updates of their own they are short, and say nothing but whether their guard was met, so that many go together
 * (`joint-steps.ts`). The guards demand more than the steps of `updates/messages.ts` do: what one refuses may be allowed.
 */
export interface PlainStep extends Caller {
  readonly kind: 'send' | 'acknowledge';
  /** The messages that it is about. */
  readonly ids: readonly string[];
  readonly guard: Filter<ChatDocument>;
  readonly effect: Document;
}

/** @param chat ready; who is in it never changes again */
export function plainSend(step: MarkedSend, chat: Chat): PlainStep {
  const { chatToken, userId, at, messages, mark } = step;
  const talker = talkerOf(chat, userId) ?? chat.creator;
  const distinct = eachIdOnce(messages);
  const added = distinct.map((message) => fromMessage({ ...message, system: false }, talker, at));
  const sent = distinct.map(({ _id }) => toSent(_id, userId, mark));
  return {
    kind: 'send',
    chatToken,
    userId,
    ids: distinct.map(({ _id }) => _id),
    guard: {
      ...isReadyFor(step),
      // Both inboxes together have room: so has the talker's.
      [`messages.${INBOX_LIMIT - distinct.length}`]: { $exists: false },
      'recent._id': { $nin: sent.map(({ _id }) => _id) },
    },
    effect: {
      $push: { messages: { $each: added }, recent: { $each: sent, $slice: -REMEMBERED_IDS } },
      ...wasSeen(at),
    },
  };
}

export function plainAcknowledgement(step: Acknowledgement): PlainStep {
  const { chatToken, userId, at, ids } = step;
  return {
    kind: 'acknowledge',
    chatToken,
    userId,
    ids,
    guard: isReadyFor(step),
    effect: {
      $pull: { messages: { user_token: toId(userId), _id: { $in: ids.map(toId) } } },
      ...wasSeen(at),
    },
  };
}

/** The name of the presence that {@link wasSeen} changes. */
const MINE = 'mine';

/** Says which presence an effect calls its participant's. */
export const mineIs = (userId: UserId): Document => ({ [`${MINE}.user_token`]: toId(userId) });

/** A ready chat in which this participant has been seen before, and which has all fields. */
const isReadyFor = ({ chatToken, userId }: Caller): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  status: 'ready',
  user_tokens: toId(userId),
  'user_tokens.1': { $exists: true },
  long_polling: { $elemMatch: { user_token: toId(userId), until: { $exists: true } } },
  messages: { $exists: true },
});

/** A sign of life. It does not shorten a held poll's presence. */
const wasSeen = (at: number): Document => ({
  $max: { [`long_polling.$[${MINE}].until`]: new Date(at) },
});
