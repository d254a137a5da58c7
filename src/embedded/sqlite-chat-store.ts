import type Database from 'libsql';
import {
  hashToken,
  participantOf,
  talkerOf,
  type Chat,
  type Participant,
  type UserId,
} from '../chat/chat.ts';
import type {
  Acknowledgement,
  BegunPoll,
  Caller,
  ChatStore,
  Close,
  Creation,
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
  StoredMessage,
  Watched,
} from '../chat/chat-store.ts';
import { StorageUnavailable } from '../chat/failures.ts';
import {
  INBOX_LIMIT,
  REMEMBERED_IDS,
  type OutgoingMessage,
  type Status,
  type SystemEvent,
  type Token,
} from '../protocol.ts';
import { Presences } from './presence.ts';
import { emptyLog, openDatabase } from './sqlite-file.ts';
import { prepareStatements, type Statements } from './sqlite-statements.ts';

/** Stands where a token would, and is none, in a chat that is never there after its transaction. */
const PROBE = 'probe';

interface ChatRow {
  token: string;
  status: Status;
  encrypted: number;
  absence_close_after: number;
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
  accepted: number;
}

const toChat = (row: ChatRow): Chat => ({
  token: row.token,
  status: row.status,
  encrypted: row.encrypted === 1,
  absenceCloseAfterMs: row.absence_close_after,
  created: row.created,
  closed: row.closed,
  creator: row.creator,
  joiner: row.joiner,
});

const toMessage = ({ id, msg, system, event, accepted }: MessageRow): StoredMessage => ({
  _id: id,
  msg,
  system: system === 1,
  accepted,
  ...(event !== null && { event }),
});

function seen({ onSeen }: Watched, chat: Chat | null): Chat | null {
  if (chat !== null) onSeen?.(chat);
  return chat;
}

export interface SqliteOptions {
  /** Directory of the database file, or `:memory:`. */
  readonly dataDir: string;
  /** Milliseconds after an erasure until the write-ahead log is emptied; its pages still have the message. */
  readonly eraseWithinMs?: number;
}

/**
 * Opens the chats in the database file of a directory.
 *
 * @throws Error when the directory or the file cannot be used
 */
export const createSqliteChatStore = (options: SqliteOptions): ChatStore =>
  new SqliteChatStore(options);

/**
 * Chats in an embedded database file. Every operation is one transaction of one connection, so it
 * is atomic, and it is on disk (`synchronous=FULL`) before it is answered.
 */
class SqliteChatStore implements ChatStore {
  readonly #db: Database.Database;
  readonly #sql: Statements;
  readonly #presences = new Presences();
  readonly #eraseWithinMs: number;
  #pendingErasure: NodeJS.Timeout | undefined;
  /** Something could not be written, and nobody has tried since. */
  #isFailing = false;

  constructor({ dataDir, eraseWithinMs = 1000 }: SqliteOptions) {
    this.#db = openDatabase(dataDir);
    this.#sql = prepareStatements(this.#db);
    this.#eraseWithinMs = eraseWithinMs;
  }

  create({ chat, welcome, usedAfter }: Creation): Promise<{ chat: Chat; isNew: boolean } | null> {
    return this.#atomic(() => {
      const { token, creator, created } = chat;
      if (this.#wasRemoved(token, usedAfter)) return null;
      if (!this.#addChat(chat)) {
        const existing = this.#find(token);
        return existing?.creator === creator ? { chat: existing, isNew: false } : null;
      }
      this.#addMessage(token, creator, { ...welcome, accepted: created });
      this.#presences.signOfLife(token, creator, created);
      return { chat, isNew: true };
    });
  }

  find(chatToken: Token): Promise<Chat | null> {
    return this.#settle(() => this.#find(chatToken));
  }

  wasRemoved(chatToken: Token, after: number): Promise<boolean> {
    return this.#settle(() => this.#wasRemoved(chatToken, after));
  }

  findParticipant(caller: Caller): Promise<Participant | null> {
    return this.#settle(() => {
      const chat = this.#enter(caller);
      return chat === null ? null : participantOf(chat, caller.userId);
    });
  }

  join(join: Join): Promise<Chat | null> {
    return this.#atomic(() => {
      const { chatToken, userId, createdAfter, notices } = join;
      const { changes } = this.#sql.join.run(userId, chatToken, createdAfter);
      const chat = changes === 0 ? null : this.#enter(join);
      if (chat !== null) this.#addNotices(chat, notices, join.at);
      return chat;
    }).then((chat) => seen(join, chat));
  }

  async send(send: Send): Promise<SendResult | null> {
    const result = await this.#atomic((): SendResult | null => {
      const { chatToken, userId } = send;
      const chat = this.#enter(send);
      if (chat === null) return null;
      const talker = talkerOf(chat, userId);
      if (chat.status !== 'ready' || talker === null) return { outcome: 'not ready', chat };
      const fresh = this.#notYetSent(send);
      if (fresh.length === 0) return { outcome: 'stored', chat };

      const { count } = this.#sql.countInbox.get(chatToken, talker) as { count: number };
      if (count + fresh.length > INBOX_LIMIT) return { outcome: 'inbox full', chat };
      for (const { _id, msg } of fresh) {
        this.#addMessage(chatToken, talker, { _id, msg, system: false, accepted: send.at });
        this.#sql.remember.run(chatToken, userId, _id);
      }
      this.#sql.forgetOldIds.run(chatToken, chatToken, REMEMBERED_IDS);
      return { outcome: 'stored', chat };
    });
    if (result?.outcome === 'stored') send.onSeen?.(result.chat);
    return result;
  }

  acknowledge(acknowledgement: Acknowledgement): Promise<Chat | null> {
    return this.#atomic(() => {
      const { chatToken, userId, at, ids } = acknowledgement;
      const chat = this.#enter(acknowledgement);
      if (chat === null) return null;
      const { changes } = this.#sql.acknowledge.run(chatToken, userId, JSON.stringify(ids));
      if (changes > 0) this.#eraseSoon();
      const isEmpty = this.#sql.hasMessages.get(chatToken) === undefined;
      if (chat.status === 'closed' && isEmpty) this.#remove(chatToken, at);
      return chat;
    }).then((chat) => seen(acknowledgement, chat));
  }

  close(close: Close): Promise<Chat | null> {
    const { chatToken, at, notices, unlessSeen } = close;
    return this.#atomic(() => {
      if (unlessSeen !== undefined) {
        const seenUntil = this.#presences.seenUntil(chatToken, unlessSeen.userId);
        if (seenUntil !== null && seenUntil > unlessSeen.since) return null;
      }
      const statuses = unlessSeen === undefined ? ['draft', 'ready'] : ['ready'];
      const { changes } = this.#sql.close.run(at, chatToken, JSON.stringify(statuses));
      return changes === 0 ? null : this.#notify(chatToken, notices, at);
    }).then((chat) => seen(close, chat));
  }

  noticeIntruder(notice: IntruderNotice): Promise<Chat | null> {
    const { chatToken, at, notSince, notices } = notice;
    return this.#atomic(() => {
      const { changes } = this.#sql.noticeIntruder.run(at, chatToken, notSince);
      return changes === 0 ? null : this.#notify(chatToken, notices, at);
    }).then((chat) => seen(notice, chat));
  }

  readInbox(caller: Caller & { readonly at?: number }): Promise<Inbox | null> {
    return this.#settle(() => {
      const chat = this.#enter(caller);
      return chat === null ? null : this.#readInbox(chat, caller.userId);
    });
  }

  beginPoll(poll: Poll & { readonly until: number }): Promise<BegunPoll | null> {
    return this.#settle(() => {
      const { chatToken, userId, at, pollId, until } = poll;
      const wasSeenUntil = this.#presences.seenUntil(chatToken, userId);
      const chat = this.#enter(poll);
      if (chat === null) return null;
      const supersedes = this.#presences.isHeld(chatToken, userId, at);
      this.#presences.beginPoll(chatToken, userId, pollId, until);
      return { ...this.#readInbox(chat, userId), supersedes, wasSeenUntil };
    });
  }

  endPoll({ chatToken, userId, pollId, at }: Poll): Promise<boolean> {
    return this.#settle(() => this.#presences.endPoll(chatToken, userId, pollId, at));
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
        this.#notify(chatToken, notices, closed);
        return true;
      });
      if (expired.length > 0) this.#eraseSoon();
      return expired.length;
    });
  }

  removeFinished({ at, closedBefore, createdBefore, limit }: FinishedPage): Promise<number> {
    return this.#atomic(() => {
      const rows = this.#sql.findFinished.all(closedBefore, createdBefore, limit);
      for (const { token } of rows as { token: string }[]) this.#remove(token, at);
      // Another process may have removed chats that this one remembers.
      if (rows.length < limit) this.#presences.forgetUnseenSince(createdBefore);
      return rows.length;
    });
  }

  forgetInvitations(removedBefore: number): Promise<void> {
    return this.#atomic(() => {
      this.#sql.forgetInvitations.run(removedBefore);
    });
  }

  removeForsakenDraft({ at, notSeenSince }: { at: number; notSeenSince: number }) {
    return this.#atomic(() => {
      const draft = this.#forsakenDraft(notSeenSince);
      if (draft !== null) this.#remove(draft.token, at);
      return draft;
    });
  }

  remove(chatToken: Token, at: number): Promise<Chat | null> {
    return this.#atomic(() => {
      const chat = this.#find(chatToken);
      if (chat !== null) this.#remove(chatToken, at);
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
        this.#sql.addChat.run(PROBE, 'draft', 0, 0, 0, PROBE);
        this.#addMessage(PROBE, PROBE, {
          _id: PROBE,
          msg: PROBE,
          system: true,
          accepted: 0,
        });
        this.#erase(PROBE);
      });
      this.#isFailing = false;
    });
  }

  disconnect(): Promise<void> {
    return this.#settle(() => {
      clearTimeout(this.#pendingErasure);
      emptyLog(this.#db);
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
        if (codeOf(error) !== 'SQLITE_FULL' || !emptyLog(this.#db)) throw error;
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

  #wasRemoved(chatToken: Token, after: number): boolean {
    return this.#sql.wasRemoved.get(hashToken(chatToken), after) !== undefined;
  }

  /** The chat if this is one of its participants; with `at`, it is a sign of life of theirs. */
  #enter({ chatToken, userId, at }: Caller & { at?: number }): Chat | null {
    const chat = this.#find(chatToken);
    if (chat === null || (userId !== chat.creator && userId !== chat.joiner)) return null;
    if (at !== undefined) this.#presences.signOfLife(chatToken, userId, at);
    return chat;
  }

  #readInbox(chat: Chat, userId: UserId): Inbox {
    const { token } = chat;
    const talker = talkerOf(chat, userId);
    const waiting =
      talker === null ? null : (this.#sql.countWaiting.get(token, talker) as { count: number });
    return {
      chat,
      messages: (this.#sql.readInbox.all(token, userId) as MessageRow[]).map(toMessage),
      waiting: waiting?.count ?? 0,
      poll: this.#presences.get(token, userId)?.poll ?? null,
      seenUntil: this.#presences.seenUntil(token, userId),
      talkerSeenUntil: talker === null ? null : this.#presences.seenUntil(token, talker),
    };
  }

  /** The messages of a request whose ids are new for this sender, each id once. */
  #notYetSent({ chatToken, userId, messages }: Send): OutgoingMessage[] {
    const ids = messages.map(({ _id }) => _id);
    return messages.filter(
      ({ _id }, index) =>
        ids.indexOf(_id) === index && this.#sql.wasSent.get(chatToken, userId, _id) === undefined,
    );
  }

  /** `false`: there is a chat with this token. */
  #addChat({ token, status, encrypted, absenceCloseAfterMs, created, creator }: Chat): boolean {
    const { changes } = this.#sql.addChat.run(
      token,
      status,
      encrypted ? 1 : 0,
      absenceCloseAfterMs,
      created,
      creator,
    );
    return changes > 0;
  }

  #addMessage(chatToken: Token, addressee: UserId, message: StoredMessage): void {
    const { _id, msg, system, event = null, accepted } = message;
    this.#sql.addMessage.run(chatToken, addressee, _id, msg, system ? 1 : 0, event, accepted);
  }

  #addNotices({ token, creator, joiner }: Chat, notices: Notices, accepted: number): void {
    this.#addMessage(token, creator, { ...notices.creator, accepted });
    if (joiner !== null) this.#addMessage(token, joiner, { ...notices.joiner, accepted });
  }

  #notify(chatToken: Token, notices: Notices, at: number): Chat | null {
    const chat = this.#find(chatToken);
    if (chat !== null) this.#addNotices(chat, notices, at);
    return chat;
  }

  /** Of a creator whom this process has not seen, nothing is known but when they created the chat. */
  #forsakenDraft(notSeenSince: number): Chat | null {
    let forsaken: Chat | null = null;
    let earliest = notSeenSince;
    for (const row of this.#sql.findDrafts.iterate()) {
      const draft = toChat(row as ChatRow);
      const seenUntil = this.#presences.seenUntil(draft.token, draft.creator) ?? draft.created;
      if (seenUntil > earliest) continue;
      earliest = seenUntil;
      forsaken = draft;
    }
    return forsaken;
  }

  #remove(chatToken: Token, at: number): void {
    this.#sql.rememberInvitation.run(hashToken(chatToken), at);
    this.#erase(chatToken);
  }

  #erase(chatToken: Token): void {
    this.#sql.removeMessages.run(chatToken);
    this.#sql.removeSent.run(chatToken);
    this.#sql.removeChat.run(chatToken);
    this.#presences.forget(chatToken);
    this.#eraseSoon();
  }

  /**
   * An erased message is zeroed in the database file (`secure_delete`), but the write-ahead log still
   * has the page as it was: emptying the log takes that copy away, too.
   */
  #eraseSoon(): void {
    this.#pendingErasure ??= setTimeout(() => {
      this.#pendingErasure = undefined;
      if (!emptyLog(this.#db)) this.#eraseSoon();
    }, this.#eraseWithinMs).unref();
  }
}

/** Locked, full, unwritable or gone: conditions of the machine, not of the request. */
function isTransient(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|IOERR|FULL|READONLY|CANTOPEN|NOMEM)/.test(codeOf(error));
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('Unknown storage error', { cause: error });
