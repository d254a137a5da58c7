// node fill-finished.mjs DIRECTORY COUNT: makes a database file with so many chats that are over, for `termination`.
import Database from 'libsql';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

const LIFETIME_MS = 86_400_000;
const GRACE_MS = 600_000;

/** A file of version 0.11, which every later version reads: the server would take much longer to be told of them. */
function fill(directory, count) {
  const db = new Database(path.join(directory, 'sfchat.db'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE chats (token TEXT PRIMARY KEY, status TEXT NOT NULL, encrypted INTEGER NOT NULL,
      absence_close_after INTEGER NOT NULL, created INTEGER NOT NULL, closed INTEGER, creator TEXT NOT NULL,
      joiner TEXT, expired INTEGER NOT NULL DEFAULT 0, intruder_noticed INTEGER) STRICT, WITHOUT ROWID;
    CREATE INDEX chats_by_age ON chats (expired, created);
    CREATE INDEX chats_by_creation ON chats (created, token);
    CREATE INDEX chats_by_status ON chats (status, closed);
    CREATE TABLE messages (position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, addressee TEXT NOT NULL,
      id TEXT NOT NULL, msg TEXT NOT NULL, system INTEGER NOT NULL, event TEXT,
      accepted INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE INDEX messages_by_inbox ON messages (chat, addressee, position);
    CREATE TABLE sent (position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, sender TEXT NOT NULL,
      id TEXT NOT NULL, UNIQUE (chat, sender, id)) STRICT;
    CREATE INDEX sent_by_chat ON sent (chat, position);
    CREATE TABLE used_invitations (hash TEXT PRIMARY KEY, removed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX used_invitations_by_age ON used_invitations (removed);
    PRAGMA user_version = 3`);
  const chat = db.prepare(
    `INSERT INTO chats (token, status, encrypted, absence_close_after, created, creator, joiner)
     VALUES (?, 'ready', 0, 360000, ?, ?, ?)`,
  );
  const message = db.prepare(
    'INSERT INTO messages (chat, addressee, id, msg, system) VALUES (?, ?, ?, ?, 0)',
  );
  const token = () => randomBytes(12).toString('hex');
  const now = Date.now();
  // In the order of their names, or the tree would be rebuilt again and again.
  const tokens = Array.from({ length: count }, token).sort();
  db.transaction(() => {
    for (const [index, chatToken] of tokens.entries()) {
      const [creator, joiner] = [token(), token()];
      // What is removed is removed by the first run, however long it takes to start.
      const created = now - LIFETIME_MS - (index % 2 === 0 ? 1000 : GRACE_MS + 1000);
      chat.run(chatToken, created, creator, joiner);
      message.run(chatToken, joiner, token(), 'unread');
    }
  })();
  db.close();
}

const [directory, count] = process.argv.slice(2);
fill(directory, Number(count));
