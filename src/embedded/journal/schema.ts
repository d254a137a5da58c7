import type Database from 'libsql';
import { hashToken } from '../../chat/chat.ts';

/** Kept in the file, for a later version that has to convert it. */
export const SCHEMA_VERSION = 5;

/**
 * What the chats in memory are made from at the next start, and nothing else: every table has one key, by which rows are
 * written and removed, and no index. Chats are named by numbers and rows by places, both given once and never
 * again: what is new lies beside what is new, so a commit of many chats touches few pages. Participants stand
 * in it by their ids, of removed chats a hash; durations are in milliseconds.
 */
const chatTables = `
  CREATE TABLE chats (
    number INTEGER PRIMARY KEY,
    token TEXT NOT NULL,
    status TEXT NOT NULL,
    encrypted INTEGER NOT NULL,
    absence_close_after INTEGER NOT NULL,
    created INTEGER NOT NULL,
    closed INTEGER,
    creator TEXT NOT NULL,
    joiner TEXT,
    expired INTEGER NOT NULL,
    intruder_noticed INTEGER
  ) STRICT;
  CREATE TABLE invitations (
    number INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    removed INTEGER NOT NULL
  ) STRICT;
`;

/** Without a text: delivered. Such a row stays as long as the id is remembered, so that a repeat is known as one. */
const messageTable = `
  CREATE TABLE messages (
    place INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL,
    addressee TEXT NOT NULL,
    id TEXT NOT NULL,
    msg TEXT,
    system INTEGER NOT NULL,
    event TEXT,
    accepted INTEGER NOT NULL
  ) STRICT;
`;

/**
 * Makes the tables, or brings those of an earlier version to this one; all of it or nothing.
 *
 * @returns whether it had to be converted
 * @throws Error when a later version has written the file
 */
export function prepareSchema(db: Database.Database): boolean {
  const [{ user_version: version } = { user_version: 0 }] = db.pragma('user_version') as {
    user_version: number;
  }[];
  if (version > SCHEMA_VERSION) throw new Error('it was written by a newer version of SFChat');
  if (version === SCHEMA_VERSION) return false;
  db.exec('BEGIN IMMEDIATE');
  try {
    if (version === 1) convertFirstVersion(db);
    if (version === 1 || version === 2) convertSecondVersion(db);
    if (version === 0) db.exec(chatTables + messageTable);
    else convertLaterVersion(db, version);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
  return version > 0;
}

/** Version 1 had the user tokens themselves, one time of absence for all, and forgot the tokens of removed chats. */
function convertFirstVersion(db: Database.Database): void {
  db.exec('ALTER TABLE chats ADD COLUMN absence_close_after INTEGER NOT NULL DEFAULT 360000');
  db.exec('CREATE TABLE used_invitations (hash TEXT PRIMARY KEY, removed INTEGER NOT NULL)');
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

function convertLaterVersion(db: Database.Database, version: number): void {
  if (version < 4) convertThirdVersion(db);
  convertFourthVersion(db);
}

/** Where version 4 kept undelivered messages, and the ids of the last ones, delivered or not. */
const fourthMessageTables = `
  CREATE TABLE messages (place INTEGER PRIMARY KEY, chat INTEGER NOT NULL, addressee TEXT NOT NULL, id TEXT NOT NULL,
    msg TEXT NOT NULL, system INTEGER NOT NULL, event TEXT, accepted INTEGER NOT NULL) STRICT;
  CREATE TABLE sent (place INTEGER PRIMARY KEY, chat INTEGER NOT NULL, sender TEXT NOT NULL, id TEXT NOT NULL) STRICT;
`;

/** Version 4 had a row for each remembered id beside that of the message. */
function convertFourthVersion(db: Database.Database): void {
  db.exec(`
    ALTER TABLE messages RENAME TO old_messages;
    CREATE INDEX old_messages_by_id ON old_messages (chat, id);
    ${messageTable}
    INSERT INTO messages
      SELECT row_number() OVER (ORDER BY place), chat, addressee, id, msg, system, event, accepted
      FROM (
        SELECT place, chat, addressee, id, msg, system, event, accepted FROM old_messages
        UNION ALL
        SELECT place, chat, iif(sender = 'creator', 'joiner', 'creator'), id, NULL, 0, NULL, 0
        FROM sent WHERE NOT EXISTS (
          SELECT 1 FROM old_messages AS old WHERE old.chat = sent.chat AND old.id = sent.id
            AND old.system = 0 AND old.addressee <> sent.sender)
      );
    DROP TABLE old_messages;
    DROP TABLE sent;
  `);
}

/** Version 3 was asked by every request, and had names and indices for that. */
function convertThirdVersion(db: Database.Database): void {
  const old = ['chats', 'messages', 'sent'];
  for (const table of old) db.exec(`ALTER TABLE ${table} RENAME TO old_${table}`);
  db.exec(chatTables + fourthMessageTables);
  db.exec(`
    INSERT INTO chats
      SELECT row_number() OVER (ORDER BY created, token), token, status, encrypted,
        absence_close_after, created, closed, creator, joiner, expired, intruder_noticed
      FROM old_chats;
    CREATE INDEX chats_by_token ON chats (token);
    INSERT INTO messages
      SELECT position, number, iif(addressee = creator, 'creator', 'joiner'), id, msg, system,
        event, accepted
      FROM old_messages JOIN chats ON chats.token = old_messages.chat;
    INSERT INTO sent
      SELECT position, number, iif(sender = creator, 'creator', 'joiner'), id
      FROM old_sent JOIN chats ON chats.token = old_sent.chat;
    INSERT INTO invitations
      SELECT (SELECT coalesce(max(number), 0) FROM chats) + row_number() OVER (ORDER BY removed),
        hash, removed
      FROM used_invitations;
    DROP INDEX chats_by_token;
    DROP TABLE used_invitations;
  `);
  for (const table of old) db.exec(`DROP TABLE old_${table}`);
}
