import { asObject, parseJson } from '../../client/api/json.ts';
import { PREFERENCES_KEY } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/** What somebody wants in this chat; forgotten with it. */
export interface Preferences {
  /** A short sound for what happens while nobody looks. */
  readonly sound: boolean;
  /** A notification without any text for the same. */
  readonly notifications: boolean;
  /** Both see when the other types. */
  readonly typing: boolean;
}

const DEFAULTS: Preferences = { sound: true, notifications: false, typing: true };

export interface PreferenceKeeper {
  now: () => Preferences;
  set(changes: Partial<Preferences>): void;
}

/** Keeps the preferences as long as the tab has the chat. */
export function createPreferences(storage: TabStorage): PreferenceKeeper {
  let current = readPreferences(parseJson(storage.get(PREFERENCES_KEY)));
  return {
    now: () => current,
    set(changes) {
      current = { ...current, ...changes };
      storage.set(PREFERENCES_KEY, JSON.stringify(current));
    },
  };
}

function readPreferences(value: unknown): Preferences {
  const stored = asObject(value);
  const read = (name: keyof Preferences): boolean =>
    typeof stored[name] === 'boolean' ? stored[name] : DEFAULTS[name];
  return { sound: read('sound'), notifications: read('notifications'), typing: read('typing') };
}
