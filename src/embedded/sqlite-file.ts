import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { hashToken } from '../chat/chat.ts';
import { makePrivateDirectory } from './private-directory.ts';

/** Kept in the file, for a later version that has to convert it. */
const SCHEMA_VERSION = 3;

/** Milliseconds to wait for `npm run terminate`, which may write at the same time, instead of failing. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * `expired` and `intruder_noticed` are what makes two of the steps happen once. `sent` holds the
 * recent ids of each chat; its rows outlive the messages on purpose. Participants stand in it by their ids,
 * of removed chats a hash; durations are in milliseconds.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS chats (
    token TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    encrypted INTEGER NOT NULL,
    absence_close_after INTEGER NOT NULL,
    created INTEGER NOT NULL,
    closed INTEGER,
    creator TEXT NOT NULL,
    joiner TEXT,
    expired INTEGER NOT NULL DEFAULT 0,
    intruder_noticed INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS chats_by_age ON chats (expired, created);
  CREATE INDEX IF NOT EXISTS chats_by_creation ON chats (created, token);
  CREATE INDEX IF NOT EXISTS chats_by_status ON chats (status, closed);

  CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,
    addressee TEXT NOT NULL,
    id TEXT NOT NULL,
    msg TEXT NOT NULL,
    system INTEGER NOT NULL,
    event TEXT,
    accepted INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_inbox ON messages (chat, addressee, position);

  CREATE TABLE IF NOT EXISTS sent (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    UNIQUE (chat, sender, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sent_by_chat ON sent (chat, position);

  CREATE TABLE IF NOT EXISTS used_invitations (
    hash TEXT PRIMARY KEY,
    removed INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS used_invitations_by_age ON used_invitations (removed);
`;

/**
 * Opens the database in a directory, or one in memory (`:memory:`), ready for the store.
 *
 * @throws Error when the directory or the file cannot be used
 */
export function openDatabase(dataDir: string): Database.Database {
  const inMemory = dataDir === ':memory:';
  // Only the service's own user reads the directory: it holds texts until they are delivered.
  if (!inMemory) makePrivateDirectory(dataDir);
  const file = inMemory ? dataDir : path.join(dataDir, 'sfchat.db');
  if (!inMemory) keepPrivate(file);
  const db = new Database(file);
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  prepareSchema(db);
  // A process that was killed may have left an erased message in the write-ahead log.
  db.pragma('wal_checkpoint(TRUNCATE)');
  return db;
}

/** Makes the tables, or brings those of an earlier version to this one; all of it or nothing. */
function prepareSchema(db: Database.Database): void {
  const [{ user_version: version } = { user_version: 0 }] = db.pragma('user_version') as {
    user_version: number;
  }[];
  if (version > SCHEMA_VERSION) throw new Error('it was written by a newer version of SFChat');
  if (version === SCHEMA_VERSION) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    if (version === 1) convertFirstVersion(db);
    if (version === 1 || version === 2) convertSecondVersion(db);
    db.exec(schema);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Version 1 had the user tokens themselves, and one time of absence for all: the default. */
function convertFirstVersion(db: Database.Database): void {
  db.exec('ALTER TABLE chats ADD COLUMN absence_close_after INTEGER NOT NULL DEFAULT 360000');
  const updates = [
    db.prepare('UPDATE chats SET creator = ?3 WHERE token = ?1 AND creator = ?2'),
    db.prepare('UPDATE chats SET joiner = ?3 WHERE token = ?1 AND joiner = ?2'),
    db.prepare('UPDATE messages SET addressee = ?3 WHERE chat = ?1 AND addressee = ?2'),
    db.prepare('UPDATE sent SET sender = ?3 WHERE chat = ?1 AND sender = ?2'),
  ];
  const chats = db.prepare('SELECT token, creator, joiner FROM chats').all() as {
    token: string;
    creator: string;
    joiner: string | null;
  }[];
  for (const { token, creator, joiner } of chats) {
    for (const userToken of [creator, joiner]) {
      if (userToken === null) continue;
      for (const update of updates) update.run(token, userToken, hashToken(userToken));
    }
  }
}

/** Version 2 did not say when a message was accepted: not before its chat was created. */
function convertSecondVersion(db: Database.Database): void {
  db.exec('ALTER TABLE messages ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0');
  db.exec(
    `UPDATE messages SET accepted =
       coalesce((SELECT created FROM chats WHERE token = messages.chat), 0)`,
  );
}

/** Nobody else may read the file, nor the two that SQLite puts beside it with the same mode. */
function keepPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const each of [file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(each)) chmodSync(each, 0o600);
  }
}

/**
 * Empties the write-ahead log: its pages still have what was erased from the file. `false`: another process
 * is reading, or the disk refuses; it is worth trying again.
 */
export function emptyLog(db: Database.Database): boolean {
  try {
    // Waiting for a reader would hold up every request: it is tried again anyway.
    db.pragma('busy_timeout = 0');
    const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return result?.busy !== 1;
  } catch {
    return false;
  } finally {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}
