import { asObject, asText, parseJson } from '../api/json.ts';
import { readStatus, type ChatStatus, type Membership } from '../api/answers.ts';
import type { TabStorage } from './tab-storage.ts';

/** The chat of this tab. */
export interface Session extends Membership {
  role: 'creator' | 'joiner';
}

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
  const stored = asObject(value);
  const chatToken = asText(stored['chatToken']);
  const userToken = asText(stored['userToken']);
  if (chatToken === '' || userToken === '') return undefined;
  return {
    chatToken,
    userToken,
    role: stored['role'] === 'creator' ? 'creator' : 'joiner',
    status: readStatus(stored['status']),
    expires: asText(stored['expires']),
  };
}

/** Starts a session in this tab, in the place of any other. Answers whether it survives leaving the page. */
export function startSession(storage: TabStorage, session: Session): boolean {
  clearSession(storage);
  return storage.set(KEY, JSON.stringify(session));
}

/** Remembers how far the chat has come. */
export function saveStatus(storage: TabStorage, session: Session, status: ChatStatus): Session {
  const changed = { ...session, status };
  storage.set(KEY, JSON.stringify(changed));
  return changed;
}

/** Removes the session, its history and its unsent messages. */
export function clearSession(storage: TabStorage): void {
  for (const key of [KEY, HISTORY_KEY, OUTBOX_KEY]) storage.remove(key);
}
