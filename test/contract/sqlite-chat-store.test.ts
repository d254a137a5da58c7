import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { newToken, userIdOf } from '../../src/chat/chat.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import { createSqliteChatStore } from '../../src/embedded/sqlite-chat-store.ts';
import { draftChat, noticesOf, textMessages, creationOf } from '../support/chats.ts';
import { describeChatStore, type Opened } from './chat-store/index.ts';

function openOnDisk(): Promise<Opened> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-store-'));
  const stores: ChatStore[] = [];
  const open = (): ChatStore => {
    const store = createSqliteChatStore({ dataDir });
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
  const store = createSqliteChatStore({ dataDir: ':memory:' });
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
  let store: ChatStore;
  let raw: Database.Database;

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-store-'));
    store = createSqliteChatStore({ dataDir });
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

    const creating = store.create(creationOf(chat));

    await expect(creating).rejects.toBeInstanceOf(StorageUnavailable);
    raw.exec('ROLLBACK');
    expect(await store.create(creationOf(chat))).toEqual({ chat, isNew: true });
  }, 20_000);

  it('removes a closed chat with nothing undelivered, however it came to be', async () => {
    const chat = draftChat();
    await store.create(creationOf(chat));
    await store.close({ chatToken: chat.token, at: chat.created, notices: noticesOf('closed') });
    const before = chat.created - 1;
    const page = { at: chat.created, closedBefore: before, createdBefore: before, limit: 10 };
    expect(await store.removeFinished(page)).toBe(0);

    raw.exec('DELETE FROM messages');

    expect(await store.removeFinished(page)).toBe(1);
    expect(await store.find(chat.token)).toBeNull();
  });

  it('keeps nothing of a removed chat in any of its tables', async () => {
    const chat = draftChat();
    const chatToken = chat.token;
    await store.create(creationOf(chat));
    await store.join({
      chatToken,
      userId: 'a'.repeat(24),
      at: chat.created,
      createdAfter: 0,
      notices: noticesOf('joined'),
    });
    const messages = textMessages(3);
    await store.send({ chatToken, userId: chat.creator, at: chat.created, messages });

    await store.remove(chatToken, chat.created);

    for (const table of ['chats', 'messages', 'sent']) {
      const rows = raw.prepare(`SELECT count(*) AS count FROM ${table}`).get();
      expect(rows).toMatchObject({ count: 0 });
    }
  });

  it('does not begin where it may not write', () => {
    const file = path.join(dataDir, 'sfchat.db');

    expect(() => createSqliteChatStore({ dataDir: file })).toThrow();
  });

  it('reads the messages of a file that did not say when they were accepted', async () => {
    const chat = draftChat();
    await store.create(creationOf(chat));
    raw.exec('ALTER TABLE messages DROP COLUMN accepted');
    raw.pragma('user_version = 2');

    const converted = createSqliteChatStore({ dataDir });
    const inbox = await converted.readInbox({ chatToken: chat.token, userId: chat.creator });
    await converted.disconnect();

    expect(inbox?.messages).toMatchObject([{ event: 'created', accepted: chat.created }]);
  });
});

/** The tables as the first version of the file had them, with the user tokens themselves. */
const FIRST_VERSION = `
  CREATE TABLE chats (token TEXT PRIMARY KEY, status TEXT NOT NULL, encrypted INTEGER NOT NULL,
    created INTEGER NOT NULL, closed INTEGER, creator TEXT NOT NULL, joiner TEXT,
    expired INTEGER NOT NULL DEFAULT 0, intruder_noticed INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE messages (position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL,
    addressee TEXT NOT NULL, id TEXT NOT NULL, msg TEXT NOT NULL, system INTEGER NOT NULL,
    event TEXT) STRICT;
  CREATE TABLE sent (position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL,
    sender TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (chat, sender, id)) STRICT;
  PRAGMA user_version = 1;
`;

describe('a file of another version', () => {
  const [chatToken, creator, joiner, message] = [newToken(), newToken(), newToken(), newToken()];
  let dataDir = '';
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-version-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  const write = (sql: string): void => {
    const raw = new Database(path.join(dataDir, 'sfchat.db'));
    raw.exec(sql);
    raw.close();
  };

  it('goes on with its chats, and keeps no user token', async () => {
    write(`${FIRST_VERSION}
      INSERT INTO chats (token, status, encrypted, created, creator, joiner)
        VALUES ('${chatToken}', 'ready', 0, 1000, '${creator}', '${joiner}');
      INSERT INTO messages (chat, addressee, id, msg, system)
        VALUES ('${chatToken}', '${creator}', '${message}', 'Hi', 0);
      INSERT INTO sent (chat, sender, id) VALUES ('${chatToken}', '${joiner}', '${message}');`);

    const store = createSqliteChatStore({ dataDir });
    const [me, talker] = [userIdOf(creator), userIdOf(joiner)];
    const inbox = await store.readInbox({ chatToken, userId: me });
    const repeat = { _id: message, msg: 'Hi' };
    await store.send({ chatToken, userId: talker, at: 2000, messages: [repeat] });
    const after = await store.readInbox({ chatToken, userId: me });
    await store.disconnect();

    expect(inbox).toMatchObject({
      chat: { token: chatToken, creator: me, joiner: talker, absenceCloseAfterMs: 360_000 },
      messages: [{ _id: message, msg: 'Hi', system: false }],
    });
    expect(after?.messages).toEqual(inbox?.messages);
    const file = readFileSync(path.join(dataDir, 'sfchat.db'), 'latin1');
    expect(file).not.toContain(creator);
    expect(file).not.toContain(joiner);
  });

  it('is left alone when it is of a later one', () => {
    write('PRAGMA user_version = 1000;');

    expect(() => createSqliteChatStore({ dataDir })).toThrow(/newer version/);
  });
});
