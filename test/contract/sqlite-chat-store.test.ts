import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SqliteChatStore } from '../../src/store/sqlite-chat-store.ts';
import { describeChatStore, type Opened } from './chat-store.ts';

function openOnDisk(): Promise<Opened> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-store-'));
  const stores: SqliteChatStore[] = [];
  const open = (): SqliteChatStore => {
    const store = new SqliteChatStore({ dataDir });
    stores.push(store);
    return store;
  };
  return Promise.resolve({
    store: open(),
    another: () => Promise.resolve(open()),
    dispose: async () => {
      for (const store of stores) await store.disconnect();
      rmSync(dataDir, { recursive: true });
    },
  });
}

function openInMemory(): Promise<Opened> {
  const store = new SqliteChatStore({ dataDir: ':memory:' });
  return Promise.resolve({
    store,
    // Nobody else can see a database in memory.
    another: () => Promise.resolve(store),
    dispose: () => store.disconnect(),
  });
}

describeChatStore('SQLite on disk', openOnDisk);
describeChatStore('SQLite in memory', openInMemory);
