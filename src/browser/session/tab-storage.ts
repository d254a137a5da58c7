/** The part of `Storage` that the client needs. */
export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  readonly length: number;
  key(index: number): string | null;
}

export interface TabStorage {
  get(key: string): string | null;
  /** Answers whether the value will survive a reload. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  /** The keys of everything that has a value. */
  keys(): readonly string[];
  /** Resolves when everything that was set is in the storage. */
  written: () => Promise<void>;
}

/**
 * The tab's session storage. Where the browser refuses it, or it is full, values live in memory: the
 * chat goes on, only a reload loses them.
 *
 * @param open reaches for the storage; the browser may throw already here.
 */
export function createTabStorage(open: () => KeyValueStore): TabStorage {
  const memory = new Map<string, string>();

  const quietly = <T>(action: (store: KeyValueStore) => T): T | undefined => {
    try {
      return action(open());
    } catch {
      return undefined;
    }
  };

  return {
    get: (key) => memory.get(key) ?? quietly((store) => store.getItem(key)) ?? null,
    set(key, value) {
      const stored = quietly((store) => {
        store.setItem(key, value);
        return true;
      });
      if (stored) memory.delete(key);
      else memory.set(key, value);
      return stored ?? false;
    },
    remove(key) {
      memory.delete(key);
      quietly((store) => {
        store.removeItem(key);
      });
    },
    keys: () => [...new Set([...memory.keys(), ...(quietly(keysOf) ?? [])])],
    written: () => Promise.resolve(),
  };
}

const keysOf = (store: KeyValueStore): string[] =>
  Array.from({ length: store.length }, (_unused, index) => store.key(index) ?? '');

/** A storage of one chat. */
export interface EndableStorage extends TabStorage {
  /** From now on nothing is set any more. */
  end(): void;
}

/** What is still under way when a chat ends must leave nothing behind. */
export function createEndableStorage(storage: TabStorage): EndableStorage {
  let hasEnded = false;
  return {
    ...storage,
    set: (key, value) => !hasEnded && storage.set(key, value),
    end() {
      hasEnded = true;
    },
  };
}
