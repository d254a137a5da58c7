import type Database from 'libsql';

/** The columns of a chat, in the order of their names in the code. */
const chatColumns =
  'token, status, encrypted, absence_close_after, created, closed, creator, joiner';

export type Statements = ReturnType<typeof prepareStatements>;

/** Every statement of the store, prepared once. */
export const prepareStatements = (db: Database.Database) => ({
  ...chatStatements(db),
  ...messageStatements(db),
});

function chatStatements(db: Database.Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    ping: db.prepare('SELECT 1'),
    addChat: db.prepare(
      `INSERT INTO chats (token, status, encrypted, absence_close_after, created, creator)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    findChat: db.prepare(`SELECT ${chatColumns} FROM chats WHERE token = ?`),
    join: db.prepare(
      `UPDATE chats SET status = 'ready', joiner = ?1
       WHERE token = ?2 AND status = 'draft' AND joiner IS NULL AND created > ?3 AND creator <> ?1`,
    ),
    close: db.prepare(
      `UPDATE chats SET status = 'closed', closed = ?
       WHERE token = ? AND status IN (SELECT value FROM json_each(?))`,
    ),
    noticeIntruder: db.prepare(
      `UPDATE chats SET intruder_noticed = ?
       WHERE token = ? AND status = 'ready' AND coalesce(intruder_noticed, 0) <= ?`,
    ),
    findOverdue: db.prepare(
      `SELECT ${chatColumns} FROM chats
       WHERE expired = 0 AND created <= ? AND (created, token) > (?, ?)
       ORDER BY created, token LIMIT ?`,
    ),
    expire: db.prepare(
      `UPDATE chats SET status = 'closed', expired = 1, closed = coalesce(closed, ?)
       WHERE token = ? AND expired = 0`,
    ),
    findFinished: db.prepare(
      `SELECT token FROM chats WHERE created <= ?2
         OR (status = 'closed' AND (closed <= ?1
           OR NOT EXISTS (SELECT 1 FROM messages WHERE messages.chat = chats.token)))
       LIMIT ?3`,
    ),
    list: db.prepare(
      `SELECT ${chatColumns} FROM chats
       WHERE (created, token) < (?1, ?2) AND (?3 IS NULL OR status = ?3)
       ORDER BY created DESC, token DESC LIMIT ?4`,
    ),
    findDrafts: db.prepare(`SELECT ${chatColumns} FROM chats WHERE status = 'draft'`),
    removeChat: db.prepare('DELETE FROM chats WHERE token = ?'),
    rememberInvitation: db.prepare(
      `INSERT INTO used_invitations (hash, removed) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET removed = excluded.removed`,
    ),
    wasRemoved: db.prepare('SELECT 1 FROM used_invitations WHERE hash = ? AND removed > ?'),
    forgetInvitations: db.prepare('DELETE FROM used_invitations WHERE removed <= ?'),
    countByStatus: db.prepare('SELECT status, count(*) AS count FROM chats GROUP BY status'),
  };
}

function messageStatements(db: Database.Database) {
  return {
    addMessage: db.prepare(
      `INSERT INTO messages (chat, addressee, id, msg, system, event, accepted)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    readInbox: db.prepare(
      `SELECT id, msg, system, event, accepted FROM messages WHERE chat = ? AND addressee = ?
       ORDER BY position`,
    ),
    countInbox: db.prepare(
      'SELECT count(*) AS count FROM messages WHERE chat = ? AND addressee = ?',
    ),
    countWaiting: db.prepare(
      'SELECT count(*) AS count FROM messages WHERE chat = ? AND addressee = ? AND system = 0',
    ),
    hasMessages: db.prepare('SELECT 1 FROM messages WHERE chat = ? LIMIT 1'),
    acknowledge: db.prepare(
      `DELETE FROM messages
       WHERE chat = ? AND addressee = ? AND id IN (SELECT value FROM json_each(?))`,
    ),
    wasSent: db.prepare('SELECT 1 FROM sent WHERE chat = ? AND sender = ? AND id = ?'),
    remember: db.prepare('INSERT INTO sent (chat, sender, id) VALUES (?, ?, ?)'),
    forgetOldIds: db.prepare(
      `DELETE FROM sent WHERE chat = ? AND position <=
       (SELECT position FROM sent WHERE chat = ? ORDER BY position DESC LIMIT 1 OFFSET ?)`,
    ),
    removeMessages: db.prepare('DELETE FROM messages WHERE chat = ?'),
    removeSent: db.prepare('DELETE FROM sent WHERE chat = ?'),
  };
}
