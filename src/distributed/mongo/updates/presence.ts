import type { Document, Filter, ObjectId } from 'mongodb';
import type { UserId } from '../../../chat/chat.ts';
import type { Poll, SignOfLife } from '../../../chat/chat-store.ts';
import { firstPresence, toId, type ChatDocument } from '../documents.ts';

/** Guards and effects of steps by which somebody shows that they are there: signs of life and long polls. */

/**
 * Milliseconds by which two web processes may differ in what they take for the server's time. A poll older than that
 * does not take the place of a newer one: it is a repeat that was held up on its way, and its client is gone.
 */
const POLL_CLOCK_TOLERANCE_MS = 3000;

/** A sign of life. It does not shorten a held poll's presence. */
export const recordSignOfLife = ({ userId, at }: Omit<SignOfLife, 'chatToken'>): Document[] => [
  { $set: { long_polling: seen(userId, at) } },
];

/** Chats in which this participant, or anybody if none is named, was not seen after a time. */
export const notSeenAfter = (since: number, user_token?: ObjectId): Filter<ChatDocument> => {
  const who = user_token === undefined ? {} : { user_token };
  const after = { $gt: new Date(since) };
  return {
    $nor: [
      { long_polling: { $elemMatch: { ...who, until: after } } },
      { long_polling: { $elemMatch: { ...who, until: { $exists: false }, created: after } } },
    ],
  };
};

/** A poll that begins. */
export interface Registration extends Poll {
  readonly until: number;
  /** The process that registers it, and how many it had registered before. */
  readonly process: ObjectId;
  readonly number: number;
}

/**
 * Whether the participant's newest poll, `$$mine`, is newer than one that is registered now. Of one process the numbers
 * say it; of two the times do. One of a time that has not come yet says nothing: a clock that was wrong has written it.
 */
const isNewerThan = ({ at, process, number }: Registration): Document => ({
  $cond: [
    { $eq: ['$$mine.process', process] },
    { $gt: ['$$mine.number', number] },
    {
      $and: [
        { $gt: ['$$mine.created', new Date(at + POLL_CLOCK_TOLERANCE_MS)] },
        { $lte: ['$$mine.created', { $add: ['$$NOW', POLL_CLOCK_TOLERANCE_MS] }] },
      ],
    },
  ],
});

/** For a projection of the document as a poll found it: whether the poll came too late to be the newest. */
export const isLate = (registration: Registration): Document => ({
  $let: { vars: { mine: mineOf(registration.userId) }, in: isNewerThan(registration) },
});

/** The poll as the participant's newest, unless it is late ({@link isLate}). */
export const beginPoll = (registration: Registration): Document[] => {
  const { userId, pollId, at, until, process, number } = registration;
  const held = {
    _id: toId(pollId),
    user_token: toId(userId),
    created: new Date(at),
    until: new Date(until),
    process,
    number,
  };
  const newest = { $cond: [isNewerThan(registration), '$$mine', { $literal: held }] };
  return [{ $set: { long_polling: replaceMine(userId, newest) } }];
};

/** A participant whose newest long poll is this one. */
export const isPolling = ({ chatToken, userId, pollId }: Poll): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  long_polling: { $elemMatch: { _id: toId(pollId), user_token: toId(userId) } },
});

export const endPoll = ({ userId, at }: Poll): Document[] => [
  {
    $set: {
      long_polling: replaceMine(userId, {
        $mergeObjects: ['$$mine', { until: new Date(at) }],
      }),
    },
  },
];

const presences: Document = { $ifNull: ['$long_polling', []] };

export const seen = (userId: UserId, at: number): Document =>
  replaceMine(userId, {
    $mergeObjects: [
      { $literal: firstPresence(userId, at) },
      '$$mine',
      { until: { $max: [new Date(at), '$$mine.created', '$$mine.until'] } },
    ],
  });

const isMine = (userId: UserId): Document => ({ $eq: ['$$presence.user_token', toId(userId)] });

const mineOf = (userId: UserId): Document => ({
  $first: { $filter: { input: presences, as: 'presence', cond: isMine(userId) } },
});

/** The presences with this participant's made anew from `$$mine`, which is missing if there was none. */
const replaceMine = (userId: UserId, mine: Document): Document => ({
  $let: {
    vars: { mine: mineOf(userId) },
    in: {
      $concatArrays: [
        { $filter: { input: presences, as: 'presence', cond: { $not: [isMine(userId)] } } },
        [mine],
      ],
    },
  },
});
