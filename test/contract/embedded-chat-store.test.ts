import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openChatStore } from '../../src/embedded/embedded-chat-store.ts';
import { describeChatStore, type Opened } from './chat-store/index.ts';

/** Only one process has the chats, so another view of them is the same. */
async function openOnDisk(): Promise<Opened> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-store-'));
  const store = await openChatStore({ dataDir });
  return {
    store,
    another: () => Promise.resolve(store),
    dispose: async () => {
      await store.disconnect();
      rmSync(dataDir, { recursive: true });
    },
  };
}

async function openInMemory(): Promise<Opened> {
  const store = await openChatStore({ dataDir: ':memory:' });
  return {
    store,
    another: () => Promise.resolve(store),
    dispose: () => store.disconnect(),
  };
}

describeChatStore('chats with a journal', openOnDisk);
describeChatStore('chats in memory', openInMemory);
