import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import {
  INBOX_LIMIT,
  participantOf,
  REMEMBERED_IDS,
  talkerOf,
  type Chat,
  type Message,
  type OutgoingMessage,
  type Participant,
  type Status,
  type SystemEvent,
  type Token,
} from '../chat/chat.ts';
import { StorageUnavailable } from '../chat/failures.ts';
import type {
  ChatStore,
  Close,
  Expiry,
  FinishedPage,
  Inbox,
  IntruderNotice,
  Join,
  ListPage,
  Notices,
  OverduePage,
  Poll,
  Send,
  SendResult,
  Visit,
} from '../chat/chat-store.ts';
import { Sightings } from './presence.ts';

/**
 * `expired` and `intruder_noticed` are what makes two of the steps happen once. `sent` holds the
 * recent ids of each chat; its rows outlive the messages on purpose.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS chats (
    token TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    encrypted INTEGER NOT NULL,
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
    event TEXT
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
`;

/** Milliseconds to wait for `npm run terminate`, which may write at the same time, instead of failing. */
const BUSY_TIMEOUT = 5000;

/** Stands where a token would, and is none, in a chat that is never there after its transaction. */
const PROBE = 'probe';

/** Kept in the file, for a later version that has to convert it. */
const SCHEMA_VERSION = 1;

interface ChatRow {
  token: string;
  status: Status;
  encrypted: number;
  created: number;
  closed: number | null;
  creator: string;
  joiner: string | null;
}

interface MessageRow {
  id: string;
  msg: string;
  system: number;
  event: SystemEvent | null;
}

const chatColumns = 'token, status, encrypted, created, closed, creator, joiner';

const toChat = (row: ChatRow): Chat => ({
  token: row.token,
  status: row.status,
  encrypted: row.encrypted === 1,
  created: row.created,
  closed: row.closed,
  creator: row.creator,
  joiner: row.joiner,
});

const toMessage = ({ id, msg, system, event }: MessageRow): Message => ({
  _id: id,
  msg,
  system: system === 1,
  ...(event !== null && { event }),
});

export interface SqliteOptions {
  /** Directory of the database file, or `:memory:`. */
  readonly dataDir: string;
  /** Milliseconds after an erasure until the write-ahead log is emptied; its pages still have the message. */
  readonly eraseWithin?: number;
}

/**
 * Chats in an embedded database file. Every operation is one transaction of one connection, so it
 * is atomic, and it is on disk (`synchronous=FULL`) before it is answered.
 */
export class SqliteChatStore implements ChatStore {
  readonly #db: Database.Database;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #sightings = new Sightings();
  readonly #eraseWithin: number;
  #pendingErasure: NodeJS.Timeout | undefined;
  /** Something could not be written, and nobody has tried since. */
  #isFailing = false;

  /** @throws when the directory or the file cannot be used */
  constructor({ dataDir, eraseWithin = 1000 }: SqliteOptions) {
    this.#db = openDatabase(dataDir);
    this.#sql = prepareStatements(this.#db);
    this.#eraseWithin = eraseWithin;
  }

  create(chat: Chat, welcome: Message): Promise<boolean> {
    return this.#atomic(() => {
      const { token, status, encrypted, created, creator } = chat;
      const { changes } = this.#sql.addChat.run(token, status, encrypted ? 1 : 0, created, creator);
      if (changes === 0) return false;
      this.#addMessage(token, creator, welcome);
      this.#sightings.visit(token, creator, created);
      return true;
    });
  }

  find(chatToken: Token): Promise<Chat | null> {
    return this.#settle(() => this.#find(chatToken));
  }

  findParticipant(chatToken: Token, userToken: Token): Promise<Participant | null> {
    return this.#settle(() => {
      const chat = this.#enter({ chatToken, userToken });
      return chat === null ? null : participantOf(chat, userToken);
    });
  }

  join(join: Join): Promise<Chat | null> {
    return this.#atomic(() => {
      const { chatToken, userToken, createdAfter, notices } = join;
      const { changes } = this.#sql.join.run(userToken, chatToken, createdAfter);
      const chat = changes === 0 ? null : this.#enter(join);
      if (chat !== null) this.#addNotices(chat, notices);
      return chat;
    });
  }

  send(send: Send): Promise<SendResult | null> {
    return this.#atomic(() => {
      const { chatToken, userToken } = send;
      const chat = this.#enter(send);
      if (chat === null) return null;
      const talker = talkerOf(chat, userToken);
      if (chat.status !== 'ready' || talker === null) return { outcome: 'not ready', chat };
      const fresh = this.#notYetSent(send);
      if (fresh.length === 0) return { outcome: 'stored', chat };

      const { count } = this.#sql.countInbox.get(chatToken, talker) as { count: number };
      if (count + fresh.length > INBOX_LIMIT) return { outcome: 'inbox full', chat };
      for (const { _id, msg } of fresh) {
        this.#addMessage(chatToken, talker, { _id, msg, system: false });
        this.#sql.remember.run(chatToken, userToken, _id);
      }
      this.#sql.forgetOldIds.run(chatToken, chatToken, REMEMBERED_IDS);
      return { outcome: 'stored', chat };
    });
  }

  acknowledge(visit: Visit & { readonly ids: readonly Token[] }): Promise<Chat | null> {
    return this.#atomic(() => {
      const { chatToken, userToken, ids } = visit;
      const chat = this.#enter(visit);
      if (chat === null) return null;
      const { changes } = this.#sql.acknowledge.run(chatToken, userToken, JSON.stringify(ids));
      if (changes > 0) this.#eraseSoon();
      const isEmpty = this.#sql.hasMessages.get(chatToken) === undefined;
      if (chat.status === 'closed' && isEmpty) this.#remove(chatToken);
      return chat;
    });
  }

  close({ chatToken, at, notices, unlessSeen }: Close): Promise<Chat | null> {
    return this.#atomic(() => {
      if (unlessSeen !== undefined) {
        const sighting = this.#sightings.get(chatToken, unlessSeen.userToken);
        if (sighting !== undefined && sighting.seenUntil > unlessSeen.since) return null;
      }
      const statuses = unlessSeen === undefined ? ['draft', 'ready'] : ['ready'];
      const { changes } = this.#sql.close.run(at, chatToken, JSON.stringify(statuses));
      return changes === 0 ? null : this.#notify(chatToken, notices);
    });
  }

  noticeIntruder({ chatToken, at, notSince, notices }: IntruderNotice): Promise<Chat | null> {
    return this.#atomic(() => {
      const { changes } = this.#sql.noticeIntruder.run(at, chatToken, notSince);
      return changes === 0 ? null : this.#notify(chatToken, notices);
    });
  }

  look(visit: Omit<Visit, 'at'> & { readonly at?: number }): Promise<Inbox | null> {
    return this.#settle(() => {
      const chat = this.#enter(visit);
      return chat === null ? null : this.#readInbox(chat, visit.userToken);
    });
  }

  beginPoll(
    poll: Poll & { readonly until: number },
  ): Promise<(Inbox & { readonly supersedes: boolean }) | null> {
    return this.#settle(() => {
      const { chatToken, userToken, at, pollId, until } = poll;
      const chat = this.#enter(poll);
      if (chat === null) return null;
      const supersedes = this.#sightings.isHeld(chatToken, userToken, at);
      this.#sightings.beginPoll(chatToken, userToken, pollId, until);
      return { ...this.#readInbox(chat, userToken), supersedes };
    });
  }

  endPoll({ chatToken, userToken, pollId, at }: Poll): Promise<void> {
    return this.#settle(() => {
      this.#sightings.endPoll(chatToken, userToken, pollId, at);
    });
  }

  findOverdue({ createdAfter, createdBefore, after, limit }: OverduePage): Promise<Chat[]> {
    return this.#settle(() => {
      const { created, token } = after ?? { created: createdAfter + 1, token: '' };
      const rows = this.#sql.findOverdue.all(createdBefore, created, token, limit);
      return (rows as ChatRow[]).map(toChat);
    });
  }

  expire(expiries: readonly Expiry[]): Promise<number> {
    return this.#atomic(() => {
      const expired = expiries.filter(({ chatToken, closed, notices }) => {
        if (this.#sql.expire.run(closed, chatToken).changes === 0) return false;
        this.#sql.removeMessages.run(chatToken);
        this.#notify(chatToken, notices);
        return true;
      });
      if (expired.length > 0) this.#eraseSoon();
      return expired.length;
    });
  }

  removeFinished({ closedBefore, createdBefore, limit }: FinishedPage): Promise<number> {
    return this.#atomic(() => {
      const rows = this.#sql.findFinished.all(closedBefore, createdBefore, limit);
      for (const { token } of rows as { token: string }[]) this.#remove(token);
      // Another process may have removed chats that this one remembers.
      if (rows.length < limit) this.#sightings.forgetUnseenSince(createdBefore);
      return rows.length;
    });
  }

  remove(chatToken: Token): Promise<Chat | null> {
    return this.#atomic(() => {
      const chat = this.#find(chatToken);
      if (chat !== null) this.#remove(chatToken);
      return chat;
    });
  }

  list({ before, limit, status }: ListPage): Promise<Chat[]> {
    return this.#settle(() => {
      const { created, token } = before ?? { created: Number.MAX_SAFE_INTEGER, token: '' };
      return (this.#sql.list.all(created, token, status ?? null, limit) as ChatRow[]).map(toChat);
    });
  }

  countByStatus(): Promise<Record<Status, number>> {
    return this.#settle(() => {
      const counts: Record<Status, number> = { draft: 0, ready: 0, closed: 0 };
      const rows = this.#sql.countByStatus.all() as { status: Status; count: number }[];
      for (const { status, count } of rows) counts[status] = count;
      return counts;
    });
  }

  ping(): Promise<void> {
    return this.#settle(() => {
      this.#sql.ping.get();
      if (!this.#isFailing) return;
      // A disk that is full can still be read: only a write tells whether it is over.
      this.#transact(() => {
        this.#sql.addChat.run(PROBE, 'draft', 0, 0, PROBE);
        this.#addMessage(PROBE, PROBE, { _id: PROBE, msg: PROBE, system: true });
        this.#remove(PROBE);
      });
      this.#isFailing = false;
    });
  }

  disconnect(): Promise<void> {
    return this.#settle(() => {
      clearTimeout(this.#pendingErasure);
      this.#emptyLog();
      this.#db.close();
    });
  }

  /** One transaction; the reason why it failed is what its caller hears. */
  #atomic<Result>(step: () => Result): Promise<Result> {
    return this.#settle(() => {
      try {
        return this.#transact(step);
      } catch (error) {
        // It may be the log that has filled the disk: what it has moves into the file.
        if (codeOf(error) !== 'SQLITE_FULL' || !this.#emptyLog()) throw error;
        return this.#transact(step);
      }
    });
  }

  #transact<Result>(step: () => Result): Result {
    this.#sql.begin.run();
    try {
      const result = step();
      this.#sql.commit.run();
      return result;
    } catch (error) {
      // A full disk has rolled it back already.
      if (this.#db.inTransaction) this.#sql.rollback.run();
      throw error;
    }
  }

  /** Runs a synchronous step for an asynchronous contract and names its faults in the contract's terms. */
  #settle<Result>(step: () => Result): Promise<Result> {
    try {
      return Promise.resolve(step());
    } catch (error) {
      if (!isTransient(error)) return Promise.reject(toError(error));
      this.#isFailing = true;
      return Promise.reject(new StorageUnavailable(error));
    }
  }

  #find(chatToken: Token): Chat | null {
    const row = this.#sql.findChat.get(chatToken) as ChatRow | undefined;
    return row === undefined ? null : toChat(row);
  }

  /** The chat if this is one of its participants; with `at`, it is a sign of life of theirs. */
  #enter({ chatToken, userToken, at }: Omit<Visit, 'at'> & { at?: number }): Chat | null {
    const chat = this.#find(chatToken);
    if (chat === null || (userToken !== chat.creator && userToken !== chat.joiner)) return null;
    if (at !== undefined) this.#sightings.visit(chatToken, userToken, at);
    return chat;
  }

  #readInbox(chat: Chat, userToken: Token): Inbox {
    const { token } = chat;
    const talker = talkerOf(chat, userToken);
    const talkerSighting = talker === null ? undefined : this.#sightings.get(token, talker);
    return {
      chat,
      messages: (this.#sql.readInbox.all(token, userToken) as MessageRow[]).map(toMessage),
      poll: this.#sightings.get(token, userToken)?.poll ?? null,
      talkerSeenUntil: talkerSighting?.seenUntil ?? null,
    };
  }

  /** The messages of a request whose ids are new for this sender, each id once. */
  #notYetSent({ chatToken, userToken, messages }: Send): OutgoingMessage[] {
    const ids = messages.map(({ _id }) => _id);
    return messages.filter(
      ({ _id }, index) =>
        ids.indexOf(_id) === index &&
        this.#sql.wasSent.get(chatToken, userToken, _id) === undefined,
    );
  }

  #addMessage(chatToken: Token, addressee: Token, message: Message): void {
    const { _id, msg, system, event } = message;
    this.#sql.addMessage.run(chatToken, addressee, _id, msg, system ? 1 : 0, event ?? null);
  }

  #addNotices({ token, creator, joiner }: Chat, notices: Notices): void {
    this.#addMessage(token, creator, notices.creator);
    if (joiner !== null) this.#addMessage(token, joiner, notices.joiner);
  }

  #notify(chatToken: Token, notices: Notices): Chat | null {
    const chat = this.#find(chatToken);
    if (chat !== null) this.#addNotices(chat, notices);
    return chat;
  }

  #remove(chatToken: Token): void {
    this.#sql.removeMessages.run(chatToken);
    this.#sql.removeSent.run(chatToken);
    this.#sql.removeChat.run(chatToken);
    this.#sightings.forget(chatToken);
    this.#eraseSoon();
  }

  /**
   * An erased message is zeroed in the database file (`secure_delete`), but the write-ahead log still
   * has the page as it was: emptying the log takes that copy away, too.
   */
  #eraseSoon(): void {
    this.#pendingErasure ??= setTimeout(() => {
      this.#pendingErasure = undefined;
      if (!this.#emptyLog()) this.#eraseSoon();
    }, this.#eraseWithin).unref();
  }

  /** `false`: another process is reading, or the disk refuses; it is worth trying again. */
  #emptyLog(): boolean {
    try {
      // Waiting for a reader would hold up every request: it is tried again anyway.
      this.#db.pragma('busy_timeout = 0');
      const [result] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return result?.busy !== 1;
    } catch {
      return false;
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
    }
  }
}

function openDatabase(dataDir: string): Database.Database {
  const inMemory = dataDir === ':memory:';
  // Only the service's own user reads the directory: it holds texts until they are delivered.
  if (!inMemory) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = inMemory ? dataDir : path.join(dataDir, 'sfchat.db');
  if (!inMemory) keepPrivate(file);
  const db = new Database(file);
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  // A process that was killed may have left an erased message in the write-ahead log.
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.exec(schema);
  db.pragma(`user_version = ${SCHEMA_VERSION}`);
  return db;
}

/** Nobody else may read the file, nor the two that SQLite puts beside it with the same mode. */
function keepPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const each of [file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(each)) chmodSync(each, 0o600);
  }
}

const prepareStatements = (db: Database.Database) => ({
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
      `INSERT INTO chats (token, status, encrypted, created, creator) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ),
    findChat: db.prepare(`SELECT ${chatColumns} FROM chats WHERE token = ?`),
    join: db.prepare(
      `UPDATE chats SET status = 'ready', joiner = ?
       WHERE token = ? AND status = 'draft' AND joiner IS NULL AND created > ?`,
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
    removeChat: db.prepare('DELETE FROM chats WHERE token = ?'),
    countByStatus: db.prepare('SELECT status, count(*) AS count FROM chats GROUP BY status'),
  };
}

function messageStatements(db: Database.Database) {
  return {
    addMessage: db.prepare(
      'INSERT INTO messages (chat, addressee, id, msg, system, event) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    readInbox: db.prepare(
      `SELECT id, msg, system, event FROM messages WHERE chat = ? AND addressee = ?
       ORDER BY position`,
    ),
    countInbox: db.prepare(
      'SELECT count(*) AS count FROM messages WHERE chat = ? AND addressee = ?',
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

/** Locked, full, unwritable or gone: conditions of the machine, not of the request. */
function isTransient(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|IOERR|FULL|READONLY|CANTOPEN|NOMEM)/.test(codeOf(error));
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('Unknown storage error', { cause: error });
