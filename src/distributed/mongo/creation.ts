import type { Chat } from '../../chat/chat.ts';
import type { Creation } from '../../chat/chat-store.ts';
import type { Attempt } from './connection.ts';
import { chatFields, newDocument, toId, type ReadDocuments } from './documents.ts';
import { isDuplicateKey } from './errors.ts';
import { findOne } from './operations.ts';
import { isUsed } from './used-invitations.ts';

type Created = { readonly chat: Chat; readonly isNew: boolean } | null;

/**
 * Adds a draft under a token that no chat has, and that none had after `usedAfter`.
 *
 * The memory of removed chats is asked twice. Before: a token that was used is never open to a late guest.
 * After: a removal may have remembered the token and deleted the chat since; only now that the token is
 * taken can no further removal come in between.
 */
export async function create(
  attempt: Attempt,
  creation: Creation,
  read: ReadDocuments,
): Promise<Created> {
  const { chat, usedAfter } = creation;
  if (await isUsed(attempt, chat.token, usedAfter)) return undo(attempt, chat);
  const created = await insert(attempt, creation, read);
  if (created === null) return null;
  return (await isUsed(attempt, chat.token, usedAfter)) ? undo(attempt, chat) : created;
}

async function insert(
  attempt: Attempt,
  { chat, welcome }: Creation,
  { toChat }: ReadDocuments,
): Promise<Created> {
  const { chats, maxTimeMS } = attempt;
  try {
    await chats.insertOne(newDocument(chat, welcome), { maxTimeMS });
    return { chat, isNew: true };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const projection = { ...chatFields, 'messages._id': 1 };
  const taken = await findOne(attempt, { _id: toId(chat.token) }, projection);
  if (taken === null || toChat(taken).creator !== chat.creator) return null;
  // An earlier attempt of this very call brought this very message.
  const isNew = taken.messages.some(({ _id }) => _id.equals(welcome._id));
  return { chat: toChat(taken), isNew };
}

/**
 * Takes back what this creator may have begun under a used token, in this attempt or in one whose answer was
 * lost. What else of theirs is there has been remembered, and so is about to be deleted anyway.
 */
async function undo({ chats, maxTimeMS }: Attempt, { token, creator }: Chat): Promise<null> {
  await chats.deleteOne({ _id: toId(token), 'user_tokens.0': toId(creator) }, { maxTimeMS });
  return null;
}
