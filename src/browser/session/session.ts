import type { Status } from '../../protocol.ts';
import { readMembership, type Membership } from '../api/answers.ts';
import { asObject, parseJson } from '../api/json.ts';
import type { TabStorage } from './tab-storage.ts';

export type Role = 'creator' | 'joiner';

/** The chat of this tab. */
export type Session = Membership & { readonly role: Role };

const KEY = 'sfchat.session';

/** Everything that a chat leaves in the tab; all of it goes when the chat ends. */
export const HISTORY_KEY = 'sfchat.history';
export const OUTBOX_KEY = 'sfchat.outbox';

/** The session of this tab; undefined when there is none. */
export function loadSession(storage: TabStorage): Session | undefined {
  return readSession(parseJson(storage.get(KEY)));
}

/** Reads a session from a value of unknown shape. */
export function readSession(value: unknown): Session | undefined {
  const membership = readMembership(value);
  if (!membership) return undefined;
  return { ...membership, role: readRole(asObject(value)['role']) };
}

/** Reads a role; anything unknown counts as the joiner's, which shows no invitation. */
export function readRole(value: unknown): Role {
  return value === 'creator' ? 'creator' : 'joiner';
}

/** Starts a session in this tab, in the place of any other. Answers whether it survives leaving the page. */
export function startSession(storage: TabStorage, session: Session): boolean {
  clearSession(storage);
  return storage.set(KEY, JSON.stringify(session));
}

/** Remembers how far the chat has come. */
export function saveStatus(storage: TabStorage, session: Session, status: Status): Session {
  const changed = { ...session, status };
  storage.set(KEY, JSON.stringify(changed));
  return changed;
}

/** Removes the session, its history and its unsent messages. */
export function clearSession(storage: TabStorage): void {
  for (const key of [KEY, HISTORY_KEY, OUTBOX_KEY]) storage.remove(key);
}
