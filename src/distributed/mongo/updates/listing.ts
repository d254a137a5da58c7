import type { Filter } from 'mongodb';
import type { ListPage } from '../../../chat/chat-store.ts';
import { toId, type ChatDocument } from '../documents.ts';

/** Which chats a page of the list has. */

export const isListed = ({ before, status }: ListPage): Filter<ChatDocument> => ({
  ...(status !== undefined && { status }),
  ...(before !== null && {
    $or: [
      { created: { $lt: new Date(before.created) } },
      { created: new Date(before.created), _id: { $lt: toId(before.token) } },
    ],
  }),
});
