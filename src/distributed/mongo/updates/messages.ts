import type { Document } from 'mongodb';
import type { UserId } from '../../../chat/chat.ts';
import type { Acknowledgement, Send } from '../../../chat/chat-store.ts';
import { INBOX_LIMIT, REMEMBERED_IDS } from '../../../protocol.ts';
import { toId } from '../documents.ts';
import {
  type Expression,
  messages,
  isReady,
  concat,
  field,
  filter,
  talkerOf,
} from './expressions.ts';
import { seen } from './presence.ts';

/** Guards and effects of sending and acknowledging. */

/** A send that knows again what it has stored, should its answer be lost: nobody else has its mark. */
export interface MarkedSend extends Send {
  readonly mark: number;
}

/** The messages of a request without those that repeat the id of an earlier one. */
export function eachIdOnce(messages: Send['messages']): Send['messages'] {
  const ids = messages.map(({ _id }) => _id);
  return messages.filter(({ _id }, index) => ids.indexOf(_id) === index);
}

/** The messages of a request whose ids are new for this sender, or not among others. */
const freshIn = ({ userId, messages }: Send, known = idsSentBy(userId)): Document => {
  const asked = eachIdOnce(messages).map(({ _id, msg }) => ({ _id: toId(_id), msg }));
  return filter({ $literal: asked }, (message) => ({
    $not: [{ $in: [field(message, '_id'), known] }],
  }));
};

/** Whether a request finds room: what is accepted already needs none. */
const fits = (send: Send, fresh: Expression): Document => ({
  $or: [
    { $eq: [fresh, []] },
    { $lte: [{ $add: [{ $size: inboxOfTalker(send) }, { $size: fresh }] }, INBOX_LIMIT] },
  ],
});

/** For the document as a send found it: whether its messages had room. */
export const hadRoom = (send: Send): Document => fits(send, freshIn(send));

/** For the document as a send found it: whether this very step had been taken before, with its answer lost. */
export const wasTaken = (send: MarkedSend): Document => ({
  $eq: [freshIn(send, idsSentBy(send.userId, send.mark)), []],
});

/** All new messages into the talker's inbox, or none. */
export const send = (step: MarkedSend): Document[] => [
  { $set: { fresh: freshIn(step), long_polling: seen(step.userId, step.at) } },
  { $set: { fresh: { $cond: [{ $and: [isReady, fits(step, '$fresh')] }, '$fresh', []] } } },
  {
    $set: {
      messages: concat(messages, [toMessages(step)]),
      recent: {
        $slice: [concat(recent, [toRemembered(step)]), -REMEMBERED_IDS],
      },
    },
  },
  { $unset: 'fresh' },
];

/** Erases these messages from the caller's own inbox. */
export const acknowledge = ({ userId, at, ids }: Acknowledgement): Document[] => [
  {
    $set: {
      long_polling: seen(userId, at),
      messages: filter(messages, (message) => ({
        $not: [
          {
            $and: [
              { $eq: [field(message, 'user_token'), toId(userId)] },
              { $in: [field(message, '_id'), ids.map(toId)] },
            ],
          },
        ],
      })),
    },
  },
];

/** For a projection: whether nothing is undelivered. */
export const isEmpty: Document = { $eq: [{ $ifNull: ['$messages', []] }, []] };

const recent: Document = { $ifNull: ['$recent', []] };

const inboxOfTalker = ({ userId }: Send): Document =>
  filter(messages, (message) => ({ $eq: [field(message, 'user_token'), talkerOf(userId)] }));

/** @param mark of the step that has stored them; by default of any */
const idsSentBy = (userId: UserId, mark?: number): Document => {
  const isTheirs = { $eq: ['$$sent.user_token', toId(userId)] };
  const cond = mark === undefined ? isTheirs : { $and: [isTheirs, { $eq: ['$$sent.mark', mark] }] };
  return {
    $map: {
      input: { $filter: { input: recent, as: 'sent', cond } },
      as: 'sent',
      in: '$$sent._id',
    },
  };
};

const toMessages = ({ userId, at }: Send): Document => ({
  $map: {
    input: '$fresh',
    as: 'fresh',
    in: {
      _id: '$$fresh._id',
      user_token: talkerOf(userId),
      msg: '$$fresh.msg',
      system: { $literal: false },
      created: new Date(at),
    },
  },
});

const toRemembered = ({ userId, mark }: MarkedSend): Document => ({
  $map: {
    input: '$fresh',
    as: 'fresh',
    in: { _id: '$$fresh._id', user_token: toId(userId), mark: { $literal: mark } },
  },
});
