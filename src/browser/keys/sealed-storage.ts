import { seal, unseal, type Key } from '../../crypto/index.ts';
import type { TabStorage } from '../session/tab-storage.ts';

/**
 * A storage whose values under some names are sealed with a key. They are opened once and then read from
 * memory; a value that this key has not sealed counts as none.
 */
export async function openSealedStorage(
  storage: TabStorage,
  key: Key,
  isSealed: (name: string) => boolean,
): Promise<TabStorage> {
  const opened = new Map<string, string>();
  for (const name of storage.keys().filter(isSealed)) {
    const sealed = storage.get(name);
    const text = sealed === null ? undefined : await unseal(key, name, sealed);
    if (text !== undefined) opened.set(name, text);
  }

  let writing: Promise<void> = Promise.resolve();
  const due = new Set<string>();
  const write = async (name: string): Promise<void> => {
    due.delete(name);
    const text = opened.get(name);
    if (text === undefined) return;
    const sealed = await seal(key, name, text);
    // It may have been removed meanwhile; nothing may come back then.
    if (opened.has(name)) storage.set(name, sealed);
  };

  return {
    get: (name) => (isSealed(name) ? (opened.get(name) ?? null) : storage.get(name)),
    set(name, value) {
      if (!isSealed(name)) return storage.set(name, value);
      opened.set(name, value);
      // What waits to be sealed takes the newest value along.
      if (!due.has(name)) writing = writing.then(() => write(name));
      due.add(name);
      return true;
    },
    remove(name) {
      opened.delete(name);
      storage.remove(name);
    },
    keys: () => [...new Set([...opened.keys(), ...storage.keys()])],
    written: () => writing,
  };
}
