import type { Document, Filter } from 'mongodb';
import type { Close, Join } from '../../../chat/chat-store.ts';
import { toId, type ChatDocument } from '../documents.ts';
import { concat } from './expressions.ts';
import { hasNotice, withNotices } from './notices.ts';
import { notSeenAfter, seen } from './presence.ts';

/** Guards and effects of the steps of a chat's life: joining and closing. */

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
