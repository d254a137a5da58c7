import { createHash } from 'node:crypto';
import type { UserId } from '../../chat/chat.ts';

/** The name in Redis of what belongs to a user id: whoever watches Redis does not learn whose it is. */
export const hashedKey =
  (prefix: string) =>
  (userId: UserId): string =>
    `${prefix}:${createHash('sha256').update(userId).digest('base64url').slice(0, 22)}`;
