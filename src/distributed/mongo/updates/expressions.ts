import type { Document, Filter } from 'mongodb';
import type { UserId } from '../../../chat/chat.ts';
import type { Caller } from '../../../chat/chat-store.ts';
import { toId, type ChatDocument } from '../documents.ts';

/**
 * What the guards and effects of all steps are put together from. Effects are update pipelines: they see the document as
 * it is in the moment of the update, so a step needs no earlier read. Texts are handed over as `$literal`: a pipeline
 * would take one that begins with `$` for the name of a field.
 */

export type Expression = Document | string | number;

export const messages: Document = { $ifNull: ['$messages', []] };

export const isReady: Document = {
  $and: [{ $eq: ['$status', 'ready'] }, { $gt: [{ $size: '$user_tokens' }, 1] }],
};

export const concat = (array: Expression, more: readonly unknown[]): Document => ({
  $concatArrays: [array, ...more],
});

export const field = (variable: string, name: string): string => `$$${variable}.${name}`;

export const filter = (input: Expression, condition: (variable: string) => Document): Document => ({
  $filter: { input, as: 'one', cond: condition('one') },
});

export const talkerOf = (userId: UserId): Document => ({
  $first: {
    $filter: { input: '$user_tokens', as: 'token', cond: { $ne: ['$$token', toId(userId)] } },
  },
});

/** The chat, if this is one of its participants. */
export const isParticipant = ({ chatToken, userId }: Caller): Filter<ChatDocument> => ({
  _id: toId(chatToken),
  user_tokens: toId(userId),
});
