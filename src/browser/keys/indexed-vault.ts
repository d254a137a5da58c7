import type { KeptChat, Vault } from '../../client/keys/kept-chat.ts';

/** Chats in IndexedDB, which takes keys that cannot be exported as they are. */

const DATABASE = 'sfchat';
const STORE = 'chats';

// Some browsers never answer in private windows.
const OPEN_TIMEOUT_MS = 3_000;

/** The open database of this page: opening it anew for each step costs more than the step. */
let opened: Promise<IDBDatabase> | undefined;

/** Open until the browser closes it, or somebody wants it changed or deleted. */
function database(): Promise<IDBDatabase> {
  opened ??= open().then((found) => {
    found.onclose = forget;
    found.onversionchange = () => {
      forget();
      found.close();
    };
    return found;
  });
  opened.catch(forget);
  return opened;
}

const forget = (): void => {
  opened = undefined;
};

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => {
      reject(new Error('IndexedDB does not answer'));
    }, OPEN_TIMEOUT_MS);
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      clearTimeout(giveUp);
      resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(giveUp);
      reject(new Error('IndexedDB refuses', { cause: request.error }));
    };
  });
}

async function beginTransaction(mode: IDBTransactionMode): Promise<IDBTransaction> {
  const found = await database();
  try {
    return found.transaction(STORE, mode);
  } catch {
    // It was closed in this moment, and nobody has been told yet.
    forget();
    return (await database()).transaction(STORE, mode);
  }
}

/** Runs one transaction and answers, once it is complete, what `work` has noted as its result. */
async function transact<Result>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore, note: (result: Result) => void) => void,
): Promise<Result | undefined> {
  const transaction = await beginTransaction(mode);
  return new Promise((resolve, reject) => {
    let noted: Result | undefined;
    transaction.oncomplete = () => {
      resolve(noted);
    };
    transaction.onabort = () => {
      reject(new Error('IndexedDB failed', { cause: transaction.error }));
    };
    work(transaction.objectStore(STORE), (result) => {
      noted = result;
    });
  });
}

/** @throws where the browser refuses to keep keys. */
export async function keepInIndexedDb(id: string, kept: KeptChat): Promise<void> {
  await transact('readwrite', (store) => store.put(kept, id));
}

/** The keeper of the chat with this id. */
export function createIndexedVault(id: string): Vault {
  return {
    read: () =>
      transact<KeptChat>('readonly', (store, note) => {
        const request = store.get(id);
        request.onsuccess = () => {
          note(request.result as KeptChat);
        };
      }),
    update: (change) =>
      transact<KeptChat>('readwrite', (store, note) => {
        const request = store.get(id);
        request.onsuccess = () => {
          const kept = request.result as KeptChat | undefined;
          const changed = kept && change(kept);
          if (!changed) return;
          store.put(changed, id);
          note(changed);
        };
      }),
    remove: async () => {
      await transact('readwrite', (store) => store.delete(id));
    },
  };
}

/** Deletes every chat whose time is over: those of tabs that were closed without closing the chat. */
export async function sweepIndexedDb(now: number): Promise<void> {
  await transact('readwrite', (store) => {
    const request = store.openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return;
      if ((cursor.value as KeptChat).endsAt <= now) cursor.delete();
      cursor.continue();
    };
  });
}
