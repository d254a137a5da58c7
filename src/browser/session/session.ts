import type { Role } from '../../crypto/index.ts';
import type { Status } from '../../protocol.ts';
import { readMembership, type Membership } from '../../client/api/answers.ts';
import { asObject, parseJson } from '../../client/api/json.ts';
import type { TabStorage } from './tab-storage.ts';

export type { Role };

/**
 * Where the keys of an encrypted chat are: under an id in IndexedDB; or, where the browser refuses that, in
 * memory, with the code from which a reload begins anew.
 */
export type KeyPlace =
  | { readonly vault: string; readonly code?: never }
  | { readonly code: string; readonly vault?: never };

/** The chat of this tab. */
export type Session = Membership &
  Partial<KeyPlace> & {
    readonly role: Role;
    /** When everything of it is to be deleted, in milliseconds since the epoch of this browser's clock. */
    readonly endsAt: number;
  };

const KEY = 'sfchat.session';

/** Everything that a chat leaves in the tab; all of it goes when the chat ends. */
const HISTORY_KEY = 'sfchat.history';
export const OUTBOX_KEY = 'sfchat.outbox';
export const WARNINGS_KEY = 'sfchat.warnings';
/** What must outlive keys that a reload loses; public values. */
export const MEMORY_KEY = 'sfchat.handshakes';

/** What is typed and not sent. */
export const DRAFT_KEY = 'sfchat.draft';
/** When this tab heard of the server last. */
export const ANSWERED_KEY = 'sfchat.answered';
/** What somebody wants in this chat. */
export const PREFERENCES_KEY = 'sfchat.preferences';

const ALL_KEYS = [
  KEY,
  OUTBOX_KEY,
  WARNINGS_KEY,
  MEMORY_KEY,
  DRAFT_KEY,
  ANSWERED_KEY,
  PREFERENCES_KEY,
];

/** Where a piece of what was said is; the first is 0. */
export const historyKey = (piece: number): string =>
  piece === 0 ? HISTORY_KEY : `${HISTORY_KEY}.${piece}`;

export const isHistoryKey = (key: string): boolean => /^sfchat\.history(\.\d+)?$/.test(key);

/** Whether it is sealed in the tab of an encrypted chat. Its outbox has envelopes alone, and is with the keys. */
export const isSealedKey = (key: string): boolean =>
  isHistoryKey(key) || key === WARNINGS_KEY || key === DRAFT_KEY;

/** The session of this tab; undefined when there is none. */
export function loadSession(storage: TabStorage): Session | undefined {
  return readSession(parseJson(storage.get(KEY)));
}

/** Reads a session from a value of unknown shape. */
export function readSession(value: unknown): Session | undefined {
  const membership = readMembership(value);
  if (!membership) return undefined;
  const { role, endsAt, vault, code } = asObject(value);
  return {
    ...membership,
    role: readRole(role),
    endsAt: typeof endsAt === 'number' ? endsAt : Infinity,
    ...(typeof vault === 'string' ? { vault } : typeof code === 'string' && { code }),
  };
}

/** Reads a role; anything unknown counts as the joiner's, which shows no invitation. */
export function readRole(value: unknown): Role {
  return value === 'creator' ? 'creator' : 'joiner';
}

/** Names a chat among the tabs of this browser. */
export const nameAmongTabs = ({ vault, userToken }: Session): string => vault ?? userToken;

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

/** Removes the session and everything else that the chat has left in the tab. */
export function clearSession(storage: TabStorage): void {
  for (const key of [...ALL_KEYS, ...storage.keys().filter(isHistoryKey)]) storage.remove(key);
}
