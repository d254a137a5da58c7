import { hash } from 'node:crypto';
import type { UserId } from '../../chat/chat.ts';

/** The name in Redis of what belongs to a user id: whoever watches Redis does not learn whose it is. */
export const hashedKey =
  (prefix: string) =>
  (userId: UserId): string =>
    `${prefix}:${hash('sha256', userId, 'base64url').slice(0, 22)}`;
