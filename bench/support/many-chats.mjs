import { randomBytes } from 'node:crypto';
import { createHash } from 'node:crypto';
import { HttpPerson, openHttpTokens } from './http-people.mjs';

const newToken = () => randomBytes(12).toString('hex');

/** Opens so many chats with empty inboxes over the API, several at a time; gives their tokens. */
export async function openMany(url, count) {
  const share = Math.ceil(count / 16);
  const groups = await Promise.all(
    Array.from({ length: Math.ceil(count / share) }, async (_, group) => {
      const chats = await openHttpTokens(url, Math.min(share, count - group * share));
      for (const { creator, joiner } of chats) {
        for (const tokens of [creator, joiner]) {
          const person = new HttpPerson(url, tokens);
          await person.emptyInbox();
          person.close();
        }
      }
      return chats;
    }),
  );
  return groups.flat();
}

/**
 * Copies one chat of a database so many times under other tokens, which is much faster than to open them one by
 * one; gives their tokens.
 */
export async function copyInDatabase(uri, { creator, joiner }, count) {
  const { MongoClient, ObjectId } = await import('mongodb');
  const client = await new MongoClient(uri).connect();
  try {
    const chats = client.db().collection('chats');
    const original = await chats.findOne({ _id: new ObjectId(creator.chatToken) });
    const copies = Array.from({ length: count }, () => ({
      creator: { chatToken: newToken(), userToken: newToken() },
      joiner: { userToken: newToken() },
    }));
    for (const copy of copies) copy.joiner.chatToken = copy.creator.chatToken;
    const documents = copies.map((copy) => {
      const ids = new Map([
        [creator.chatToken, new ObjectId(copy.creator.chatToken)],
        [userId(creator.userToken), new ObjectId(userId(copy.creator.userToken))],
        [userId(joiner.userToken), new ObjectId(userId(copy.joiner.userToken))],
      ]);
      return replaced(original, (id) => ids.get(id.toHexString()) ?? id, ObjectId);
    });
    for (let index = 0; index < count; index += 1000)
      await chats.insertMany(documents.slice(index, index + 1000));
    return copies;
  } finally {
    await client.close();
  }
}

/** As whom the database knows somebody (docs of the collection `chats`). */
const userId = (token) => createHash('sha256').update(token).digest('hex').slice(0, 24);

function replaced(value, replace, ObjectId) {
  if (value instanceof ObjectId) return replace(value);
  if (Array.isArray(value)) return value.map((one) => replaced(one, replace, ObjectId));
  if (value === null || typeof value !== 'object' || value instanceof Date || value._bsontype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, replaced(one, replace, ObjectId)]),
  );
}
