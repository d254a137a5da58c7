import { asObject } from '../../client/api/json.ts';
import { readSession, type Session } from './session.ts';

/**
 * Goes to the chat page. Where the tab's storage refuses to keep the session, the history entry of
 * the chat page carries it: like the storage it belongs to this tab, and no address contains it.
 */
export function goToChat(session: Session, kept: boolean): void {
  if (kept) {
    location.assign('/chat');
    return;
  }
  history.pushState({ session }, '', '/chat');
  location.reload();
}

/** The session that the history entry carries, if any. */
export function carriedSession(): Session | undefined {
  return readSession(asObject(history.state)['session']);
}

/** Lets the history entry carry what must outlive keys in memory, where the tab's storage refuses it, too. */
export function carryHandshakes(text: string): void {
  history.replaceState({ ...asObject(history.state), handshakes: text }, '');
}

/** What {@link carryHandshakes} was given; null when it was given nothing. */
export function carriedHandshakes(): string | null {
  const { handshakes } = asObject(history.state);
  return typeof handshakes === 'string' ? handshakes : null;
}

/** Forgets the carried session. */
export function dropCarriedSession(): void {
  history.replaceState(null, '');
}

/** Goes home, without a way back to a chat that is no more. */
export function goHome(): void {
  location.replace('/');
}
