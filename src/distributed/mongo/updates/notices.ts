import type { Document, Filter } from 'mongodb';
import type { IntruderNotice, Notices } from '../../../chat/chat-store.ts';
import type { Token } from '../../../protocol.ts';
import { fromMessage, toId, type ChatDocument } from '../documents.ts';
import { type Expression, concat } from './expressions.ts';

/** How a step brings its notices, one for each participant, and is known again by them. */

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

export const noticeIds = ({ creator, joiner }: Notices) => [toId(creator._id), toId(joiner._id)];

/** Messages followed by one notice for each participant that there is. */
export function withNotices(before: Expression | [], notices: Notices, at: number): Document {
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
