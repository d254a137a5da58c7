import type { Document, Filter } from 'mongodb';
import { INBOX_LIMIT, REMEMBERED_IDS, type Token } from '../../chat/chat.ts';
import type {
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
  Visit,
} from '../../chat/chat-store.ts';
import {
  firstSighting,
  fromMessage,
  toId,
  type ChatDocument,
  type SightingDocument,
} from './documents.ts';

/**
 * Guards and effects of every step. Effects are update pipelines: they see the document as it is in
 * the moment of the update, so a step needs no earlier read. Texts are handed over as `$literal`: a
 * pipeline would take one that begins with `$` for the name of a field.
 */

type Expression = Document | string | number;

/**
 * Milliseconds by which the clocks of two web processes may differ. A poll older than that does not
 * take the place of a newer one: it is a repeat that was held up on its way, and its client is gone.
 */
const POLL_CLOCK_TOLERANCE = 3000;

/** The chat, if this is one of its participants. */
export const isParticipant = ({
  chatToken,
  userToken,
}: Pick<Visit, 'chatToken' | 'userToken'>): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  user_tokens: toId(userToken),
});

/** A sign of life. It does not shorten a held poll's presence. */
export const recordVisit = ({ userToken, at }: Pick<Visit, 'userToken' | 'at'>): Document[] => [
  { $set: { long_polling: visited(userToken, at) } },
];

/** A draft that nobody has joined and that is within its lifetime. */
export const isJoinable = ({ chatToken, createdAfter }: Join): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  status: 'draft',
  'user_tokens.1': { $exists: false },
  created: { $gt: new Date(createdAfter) },
});

/** A chat that this very join made ready earlier, when its answer was lost. */
export const isJoinedBy = ({ chatToken, userToken }: Join): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  'user_tokens.1': toId(userToken),
});

export const join = ({ userToken, at, notices }: Join): Document[] => [
  { $set: { user_tokens: concat('$user_tokens', [[toId(userToken)]]) } },
  {
    $set: {
      status: 'ready',
      messages: withNotices('$messages', notices, at),
      long_polling: visited(userToken, at),
    },
  },
];

/** The messages of a request whose ids are new for this sender. */
const freshIn = ({ userToken, messages }: Send): Document => {
  // Each id once.
  const ids = messages.map(({ _id }) => _id);
  const distinct = messages.filter(({ _id }, index) => ids.indexOf(_id) === index);
  const asked = distinct.map(({ _id, msg }) => ({ _id: toId(_id), msg }));
  return filter({ $literal: asked }, (message) => ({
    $not: [{ $in: [field(message, '_id'), idsSentBy(userToken)] }],
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

/** All new messages into the talker's inbox, or none. */
export const send = (step: Send): Document[] => [
  { $set: { fresh: freshIn(step), long_polling: visited(step.userToken, step.at) } },
  { $set: { fresh: { $cond: [{ $and: [isReady, fits(step, '$fresh')] }, '$fresh', []] } } },
  {
    $set: {
      messages: concat(messages, [toMessages(step)]),
      recent: {
        $slice: [concat(recent, [toSent(step)]), -REMEMBERED_IDS],
      },
    },
  },
  { $unset: 'fresh' },
];

/** Erases these messages from the caller's own inbox. */
export const acknowledge = ({
  userToken,
  at,
  ids,
}: Visit & { readonly ids: readonly Token[] }): Document[] => [
  {
    $set: {
      long_polling: visited(userToken, at),
      messages: filter(messages, (message) => ({
        $not: [
          {
            $and: [
              { $eq: [field(message, 'user_token'), toId(userToken)] },
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
const isClosedAndEmpty = {
  status: 'closed',
  'messages.0': { $exists: false },
} satisfies Filter<ChatDocument>;

export const isDone = (chatToken: Token): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  ...isClosedAndEmpty,
});

export const isClosable = ({ chatToken, unlessSeen }: Close): Filter<ChatDocument> => {
  const _id = toId(chatToken);
  if (unlessSeen === undefined) return { _id, status: { $in: ['draft', 'ready'] } };
  const since = new Date(unlessSeen.since);
  const userToken = toId(unlessSeen.userToken);
  return {
    _id,
    status: 'ready',
    $nor: [
      { long_polling: { $elemMatch: { user_token: userToken, until: { $gt: since } } } },
      {
        long_polling: {
          $elemMatch: { user_token: userToken, until: { $exists: false }, created: { $gt: since } },
        },
      },
    ],
  };
};

/** Ids of sent messages go, too: nothing can be sent any more. */
export const close = ({ at, notices }: Close): Document[] => [
  {
    $set: {
      status: 'closed',
      closed: new Date(at),
      messages: withNotices('$messages', notices, at),
    },
  },
  { $unset: 'recent' },
];

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

/** Whether a poll that began `at` is only the late repeat of an older one than `newest`. */
export const isLate = (newest: SightingDocument, at: number): boolean =>
  newest.created.getTime() > at + POLL_CLOCK_TOLERANCE;

/** The poll as the participant's newest, unless it is late ({@link isLate}). */
export const beginPoll = ({
  userToken,
  pollId,
  at,
  until,
}: Poll & { readonly until: number }): Document[] => {
  const held = {
    _id: toId(pollId),
    user_token: toId(userToken),
    created: new Date(at),
    until: new Date(until),
  };
  const isLater = { $gt: ['$$mine.created', new Date(at + POLL_CLOCK_TOLERANCE)] };
  return [
    {
      $set: {
        long_polling: replaceMine(userToken, { $cond: [isLater, '$$mine', { $literal: held }] }),
      },
    },
  ];
};

/** A participant whose newest long poll is this one. */
export const isPolling = ({ chatToken, userToken, pollId }: Poll): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  long_polling: { $elemMatch: { _id: toId(pollId), user_token: toId(userToken) } },
});

export const endPoll = ({ userToken, at }: Poll): Document[] => [
  {
    $set: {
      long_polling: replaceMine(userToken, {
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
  { $unset: 'recent' },
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
}: Omit<FinishedPage, 'limit'>): Filter<ChatDocument> => {
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
const sightings: Document = { $ifNull: ['$long_polling', []] };

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

const talkerOf = (userToken: Token): Document => ({
  $first: {
    $filter: { input: '$user_tokens', as: 'token', cond: { $ne: ['$$token', toId(userToken)] } },
  },
});

const inboxOfTalker = ({ userToken }: Send): Document =>
  filter(messages, (message) => ({ $eq: [field(message, 'user_token'), talkerOf(userToken)] }));

const idsSentBy = (userToken: Token): Document => ({
  $map: {
    input: {
      $filter: { input: recent, as: 'sent', cond: { $eq: ['$$sent.user_token', toId(userToken)] } },
    },
    as: 'sent',
    in: '$$sent._id',
  },
});

const toMessages = ({ userToken, at }: Send): Document => ({
  $map: {
    input: '$fresh',
    as: 'fresh',
    in: {
      _id: '$$fresh._id',
      user_token: talkerOf(userToken),
      msg: '$$fresh.msg',
      system: { $literal: false },
      created: new Date(at),
    },
  },
});

const toSent = ({ userToken }: Send): Document => ({
  $map: {
    input: '$fresh',
    as: 'fresh',
    in: { _id: '$$fresh._id', user_token: toId(userToken) },
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

const visited = (userToken: Token, at: number): Document =>
  replaceMine(userToken, {
    $mergeObjects: [
      { $literal: firstSighting(userToken, at) },
      '$$mine',
      { until: { $max: [new Date(at), '$$mine.created', '$$mine.until'] } },
    ],
  });

/** The sightings with this participant's made anew from `$$mine`, which is missing if there was none. */
const replaceMine = (userToken: Token, mine: Document): Document => {
  const isMine = { $eq: ['$$sighting.user_token', toId(userToken)] };
  return {
    $let: {
      vars: { mine: { $first: { $filter: { input: sightings, as: 'sighting', cond: isMine } } } },
      in: {
        $concatArrays: [
          { $filter: { input: sightings, as: 'sighting', cond: { $not: [isMine] } } },
          [mine],
        ],
      },
    },
  };
};
