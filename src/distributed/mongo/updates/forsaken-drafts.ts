import type { Document, Filter } from 'mongodb';
import type { ChatDocument } from '../documents.ts';
import { isClosedAndEmpty } from './life.ts';
import { notSeenAfter } from './presence.ts';

/** Which drafts give way when as many chats are alive as may be, and how. */

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
