import { hash } from 'node:crypto';
import type { UserId } from '../../chat/chat.ts';

/** Names that are remembered at the most, for each prefix: about 200 bytes each. */
const MOST_REMEMBERED = 10_000;

/**
 * The name in Redis of what belongs to a user id: whoever watches Redis does not learn whose it is. Somebody who talks
 * is named a dozen times for each message, so the name is computed once.
 */
export function hashedKey(prefix: string): (userId: UserId) => string {
  const known = new Map<UserId, string>();
  return (userId) => {
    const found = known.get(userId);
    if (found !== undefined) return found;
    const key = `${prefix}:${hash('sha256', userId, 'base64url').slice(0, 22)}`;
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(userId, key);
    return key;
  };
}
