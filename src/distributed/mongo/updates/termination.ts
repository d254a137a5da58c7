import type { Document, Filter } from 'mongodb';
import type { Expiry, FinishedPage, OverduePage } from '../../../chat/chat-store.ts';
import { toId, type ChatDocument } from '../documents.ts';
import { isClosedAndEmpty } from './life.ts';
import { noticeIds, withNotices } from './notices.ts';

/** Guards and effects of the termination worker's two phases. */

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
