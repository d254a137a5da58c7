import type { Document, Filter, ObjectId } from 'mongodb';
import type { UserId } from '../../chat/chat.ts';
import type {
  Acknowledgement,
  Caller,
  Close,
  Expiry,
  FinishedPage,
  IntruderNotice,
  Join,
  ListPage,
  Notices,
  OverduePage,
  Poll,
  Send,
  SignOfLife,
} from '../../chat/chat-store.ts';
import { INBOX_LIMIT, REMEMBERED_IDS, type Token } from '../../protocol.ts';
import { firstPresence, fromMessage, toId, type ChatDocument } from './documents.ts';

/**
 * Guards and effects of every step. Effects are update pipelines: they see the document as it is in
 * the moment of the update, so a step needs no earlier read. Texts are handed over as `$literal`: a
 * pipeline would take one that begins with `$` for the name of a field.
 */

type Expression = Document | string | number;

/**
 * Milliseconds by which two web processes may differ in what they take for the server's time. A poll older than that
 * does not take the place of a newer one: it is a repeat that was held up on its way, and its client is gone.
 */
const POLL_CLOCK_TOLERANCE_MS = 3000;

/** The chat, if this is one of its participants. */
export const isParticipant = ({ chatToken, userId }: Caller): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  user_tokens: toId(userId),
});

/** A sign of life. It does not shorten a held poll's presence. */
export const recordSignOfLife = ({ userId, at }: Omit<SignOfLife, 'chatToken'>): Document[] => [
  { $set: { long_polling: seen(userId, at) } },
];

/** A draft of somebody else that nobody has joined and that is within its lifetime. */
export const isJoinable = ({ chatToken, userId, createdAfter }: Join): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  status: 'draft',
  user_tokens: { $ne: toId(userId) },
  'user_tokens.1': { $exists: false },
  created: { $gt: new Date(createdAfter) },
});

/**
 * A chat that this very join made ready earlier, when its answer was lost. An earlier join of the same
 * client brought other notices.
 */
export const isJoinedBy = ({ chatToken, userId, notices }: Join): Filter<ChatDocument> => ({
  ...hasNotice(chatToken, notices),
  'user_tokens.1': toId(userId),
});

export const join = ({ userId, at, notices }: Join): Document[] => [
  { $set: { user_tokens: concat('$user_tokens', [[toId(userId)]]) } },
  {
    $set: {
      status: 'ready',
      messages: withNotices('$messages', notices, at),
      long_polling: seen(userId, at),
    },
  },
];

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

/** A closed chat with nothing undelivered. */
export const isClosedAndEmpty = {
  status: 'closed',
  'messages.0': { $exists: false },
} satisfies Filter<ChatDocument>;

export const isClosable = ({ chatToken, unlessSeen }: Close): Filter<ChatDocument> => {
  const _id = toId(chatToken);
  if (unlessSeen === undefined) return { _id, status: { $in: ['draft', 'ready'] } };
  return { _id, status: 'ready', ...notSeenAfter(unlessSeen.since, toId(unlessSeen.userId)) };
};

/** Chats in which this participant, or anybody if none is named, was not seen after a time. */
const notSeenAfter = (since: number, user_token?: ObjectId): Filter<ChatDocument> => {
  const who = user_token === undefined ? {} : { user_token };
  const after = { $gt: new Date(since) };
  return {
    $nor: [
      { long_polling: { $elemMatch: { ...who, until: after } } },
      { long_polling: { $elemMatch: { ...who, until: { $exists: false }, created: after } } },
    ],
  };
};

/** Ids of sent messages stay: a send whose answer was lost still has to be recognised. */
export const close = ({ at, notices }: Close): Document[] => [
  {
    $set: {
      status: 'closed',
      closed: new Date(at),
      messages: withNotices('$messages', notices, at),
    },
  },
];

/** A draft whose creator was not seen after a time: nobody else is in it. */
export const isForsaken = (notSeenSince: number): Filter<ChatDocument> => ({
  status: 'draft',
  'user_tokens.1': { $exists: false },
  // Whoever creates a chat is seen; this much an index can tell.
  created: { $lte: new Date(notSeenSince) },
  ...notSeenAfter(notSeenSince),
});

/** The forsaken drafts, `candidates` of the oldest at the most; the one that is forsaken longest comes first. */
export const findForsaken = (
  notSeenSince: number,
  { candidates, limit }: { readonly candidates: number; readonly limit: number },
): Document[] => {
  const { status, created } = isForsaken(notSeenSince);
  const polls = [{ $max: '$long_polling.created' }, { $max: '$long_polling.until' }];
  return [
    { $match: { status, created } },
    { $sort: { created: 1, _id: 1 } },
    { $limit: candidates },
    { $project: { seen: { $max: ['$created', ...polls] } } },
    { $match: { seen: { $lte: new Date(notSeenSince) } } },
    { $sort: { seen: 1 } },
    { $limit: limit },
  ];
};

/** Makes room: closed, and with nothing undelivered a worker would remove it, too. */
export const giveWay = (at: number): Document[] => [
  { $set: { status: 'closed', closed: new Date(at), messages: [] } },
];

/** A draft that gave way in this moment. */
export const hasGivenWay = (at: number): Filter<ChatDocument> => ({
  ...isClosedAndEmpty,
  'user_tokens.1': { $exists: false },
  closed: new Date(at),
});

/** A chat that has one of these notices: the step that brings them was taken earlier. */
export const hasNotice = (chatToken: Token, notices: Notices): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  'messages._id': { $in: noticeIds(notices) },
});

export const isToBeWarned = ({ chatToken, notSince }: IntruderNotice): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  status: 'ready',
  intruder_noticed: { $not: { $gt: new Date(notSince) } },
});

export const noticeIntruder = ({ at, notices }: IntruderNotice): Document[] => [
  { $set: { intruder_noticed: new Date(at), messages: withNotices('$messages', notices, at) } },
];

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

export const isOverdue = (page: OverduePage): Filter<ChatDocument> => {
  const { createdAfter, createdBefore, after } = page;
  const created = { $gt: new Date(createdAfter), $lte: new Date(createdBefore) };
  const expired = { $ne: true };
  if (after === null) return { created, expired };
  const from = new Date(after.created);
  return {
    // The range says to the index where to begin; the alternatives, where among chats of one moment.
    created: { $gte: from, $lte: created.$lte },
    expired,
    $or: [{ created: { $gt: from } }, { _id: { $gt: toId(after.token) } }],
  };
};

export const isNotExpired = ({ chatToken }: Expiry): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  expired: { $ne: true },
});

export const expire = ({ closed, notices }: Expiry): Document[] => [
  {
    $set: {
      status: 'closed',
      expired: true,
      closed: { $ifNull: ['$closed', new Date(closed)] },
      messages: withNotices([], notices, closed),
    },
  },
];

/** Which of these chats have their lifetime ended by these very notices. */
export const wereExpiredBy = (expiries: readonly Expiry[]): Filter<ChatDocument> => ({
  _id: { $in: expiries.map(({ chatToken }) => toId(chatToken)) },
  expired: true,
  'messages._id': { $in: expiries.flatMap(({ notices }) => noticeIds(notices)) },
});

export const isFinished = ({
  closedBefore,
  createdBefore,
}: Omit<FinishedPage, 'at' | 'limit'>): Filter<ChatDocument> => {
  const before = new Date(closedBefore);
  return {
    $or: [
      { created: { $lte: new Date(createdBefore) } },
      { status: 'closed', closed: { $lte: before } },
      // Closed by others, who do not say when.
      { status: 'closed', closed: { $exists: false }, created: { $lte: before } },
      isClosedAndEmpty,
    ],
  };
};

export const isListed = ({ before, status }: ListPage): Filter<ChatDocument> => ({
  ...(status !== undefined && { status }),
  ...(before !== null && {
    $or: [
      { created: { $lt: new Date(before.created) } },
      { created: new Date(before.created), _id: { $lt: toId(before.token) } },
    ],
  }),
});

const noticeIds = ({ creator, joiner }: Notices) => [toId(creator._id), toId(joiner._id)];

const messages: Document = { $ifNull: ['$messages', []] };
const recent: Document = { $ifNull: ['$recent', []] };
const presences: Document = { $ifNull: ['$long_polling', []] };

const isReady: Document = {
  $and: [{ $eq: ['$status', 'ready'] }, { $gt: [{ $size: '$user_tokens' }, 1] }],
};

const concat = (array: Expression, more: readonly unknown[]): Document => ({
  $concatArrays: [array, ...more],
});

const field = (variable: string, name: string): string => `$$${variable}.${name}`;

const filter = (input: Expression, condition: (variable: string) => Document): Document => ({
  $filter: { input, as: 'one', cond: condition('one') },
});

const talkerOf = (userId: UserId): Document => ({
  $first: {
    $filter: { input: '$user_tokens', as: 'token', cond: { $ne: ['$$token', toId(userId)] } },
  },
});

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

/** Messages followed by one notice for each participant that there is. */
function withNotices(before: Expression | [], notices: Notices, at: number): Document {
  const addressed = (message: Notices['creator'], position: number): Document => {
    const { user_token: _, ...rest } = fromMessage(message, message._id, at);
    return {
      $map: {
        input: { $slice: ['$user_tokens', position, 1] },
        as: 'addressee',
        in: { $mergeObjects: [{ $literal: rest }, { user_token: '$$addressee' }] },
      },
    };
  };
  return concat(Array.isArray(before) ? { $literal: [] } : { $ifNull: [before, []] }, [
    addressed(notices.creator, 0),
    addressed(notices.joiner, 1),
  ]);
}

const seen = (userId: UserId, at: number): Document =>
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
