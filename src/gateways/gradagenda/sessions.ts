import type { Token } from '../../protocol.ts';
import { publicIdOf } from '../participants.ts';
import type { SessionInfo, SessionStatus } from './server-actions.ts';

/** A chat as GradAgenda sees it: one session, whose id is the chat token (GradAgenda, section 3.3.2). */
export interface Session {
  readonly chatToken: Token;
  /** Whether there are two participants by now. */
  readonly isPaired: boolean;
}

/** The participants' public ids. */
export const membersOf = ({ chatToken, isPaired }: Session): string[] => [
  publicIdOf({ chatToken, role: 'creator' }),
  ...(isPaired ? [publicIdOf({ chatToken, role: 'joiner' })] : []),
];

/** The chat as a mutable session. */
export const mutableSession = (session: Session, status: SessionStatus): SessionInfo => ({
  type: 'providing-session-info',
  'session-id': session.chatToken,
  'session-type': 'mutable',
  status,
  'user-id': membersOf(session),
});

/** The same session for who looks for the other participant; of a direct one nothing ever changes. */
export const directSession = (session: Session): SessionInfo => ({
  ...mutableSession(session, 'unchanged'),
  'session-type': 'direct',
});
