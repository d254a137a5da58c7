import type { Request } from 'express';
import { userIdOf, type UserId } from '../../chat/chat.ts';
import { isToken, type Token } from '../../protocol.ts';

/** Whoever has the two tokens of a participant. */
export interface Bearer {
  readonly chatToken: Token;
  readonly userToken: Token;
  /** As whom the server knows the bearer of the user token. */
  readonly userId: UserId;
}

/** Who bears two tokens; `null` when one is missing or is none. */
export const bearerOf = (chatToken: unknown, userToken: unknown): Bearer | null =>
  isToken(chatToken) && isToken(userToken)
    ? { chatToken, userToken, userId: userIdOf(userToken) }
    : null;

const last = Symbol('last bearer');

type Connection = Request['socket'] & { [last]?: Bearer | null };

/**
 * The same for two tokens that came over a connection, which remembers them as long as it is open. Mostly the same ones
 * come again, and to look at their form and to hash one costs more than the rest of what establishes who is calling.
 */
export function bearerOver(
  connection: Connection,
  chatToken: unknown,
  userToken: unknown,
): Bearer | null {
  const known = connection[last] ?? null;
  if (known?.userToken === userToken && known?.chatToken === chatToken) return known;
  return (connection[last] = bearerOf(chatToken, userToken));
}
