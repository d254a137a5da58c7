import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { SqliteChatStore } from '../../src/embedded/sqlite-chat-store.ts';
import { draftChat, noticesOf, systemMessage, textMessages } from '../support/chats.ts';
import { describeChatStore, type Opened } from './chat-store/index.ts';

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

describe('a chat store in SQLite', () => {
  let dataDir = '';
  let store: SqliteChatStore;
  let raw: Database.Database;

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-store-'));
    store = new SqliteChatStore({ dataDir });
    raw = new Database(path.join(dataDir, 'sfchat.db'));
  });
  afterEach(async () => {
    raw.close();
    await store.disconnect();
    rmSync(dataDir, { recursive: true });
  });

  it('is unavailable while somebody else keeps the database locked, and goes on afterwards', async () => {
    const chat = draftChat();
    raw.exec('BEGIN EXCLUSIVE');

    const creating = store.create(chat, systemMessage('created'));

    await expect(creating).rejects.toBeInstanceOf(StorageUnavailable);
    raw.exec('ROLLBACK');
    expect(await store.create(chat, systemMessage('created'))).toBe(true);
  }, 20_000);

  it('removes a closed chat with nothing undelivered, however it came to be', async () => {
    const chat = draftChat();
    await store.create(chat, systemMessage('created'));
    await store.close({ chatToken: chat.token, at: chat.created, notices: noticesOf('closed') });
    const page = { closedBefore: chat.created - 1, createdBefore: chat.created - 1, limit: 10 };
    expect(await store.removeFinished(page)).toBe(0);

    raw.exec('DELETE FROM messages');

    expect(await store.removeFinished(page)).toBe(1);
    expect(await store.find(chat.token)).toBeNull();
  });

  it('keeps nothing of a removed chat in any of its tables', async () => {
    const chat = draftChat();
    const chatToken = chat.token;
    await store.create(chat, systemMessage('created'));
    await store.join({
      chatToken,
      userToken: 'a'.repeat(24),
      at: chat.created,
      createdAfter: 0,
      notices: noticesOf('joined'),
    });
    const messages = textMessages(3);
    await store.send({ chatToken, userToken: chat.creator, at: chat.created, messages });

    await store.remove(chatToken);

    for (const table of ['chats', 'messages', 'sent']) {
      const rows = raw.prepare(`SELECT count(*) AS count FROM ${table}`).get();
      expect(rows).toMatchObject({ count: 0 });
    }
  });

  it('does not begin where it may not write', () => {
    const file = path.join(dataDir, 'sfchat.db');

    expect(() => new SqliteChatStore({ dataDir: file })).toThrow();
  });
});
