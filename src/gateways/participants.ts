import { createHash } from 'node:crypto';
import type { Participant } from '../chat/chat.ts';
import type { Token } from '../protocol.ts';

/** How other protocols name the two participants of a chat (gateways.md, "Public ids"). Never by a user token. */

/** `<chatToken>_1` for the creator, `<chatToken>_2` for the joiner. */
export const publicIdOf = ({ chatToken, role }: Pick<Participant, 'chatToken' | 'role'>): string =>
  `${chatToken}_${role === 'creator' ? 1 : 2}`;

/** The other participant's, whether or not there is one yet. */
export const talkersPublicId = ({ chatToken, role }: Participant): string =>
  publicIdOf({ chatToken, role: role === 'creator' ? 'joiner' : 'creator' });

/** The message id that stands for a client's own id, whatever its form. */
export type MessageIds = (clientId: string) => Token;

/**
 * Message ids as the first 12 bytes of SHA-256(`gateway` ‖ user token ‖ id), so that a repeat is stored once.
 * The first part is the word itself: whoever repeats over another gateway repeats all the same. What it keeps
 * is the state of a hash: the user token itself can be forgotten.
 */
export function messageIds(userToken: Token): MessageIds {
  const begun = createHash('sha256').update('gateway').update(userToken);
  return (clientId) => begun.copy().update(clientId).digest('hex').slice(0, 24);
}
