import type { KeptChat, Vault } from './kept-chat.ts';

/** A chat in memory, where the browser refuses to keep keys; a reload loses it. */
export function createMemoryVault(first: KeptChat, onChange: (kept: KeptChat) => void): Vault {
  let current: KeptChat | undefined = first;
  return {
    read: () => Promise.resolve(current),
    update(change) {
      const changed = current && change(current);
      if (changed) {
        current = changed;
        onChange(changed);
      }
      return Promise.resolve(changed);
    },
    remove() {
      current = undefined;
      return Promise.resolve();
    },
  };
}
