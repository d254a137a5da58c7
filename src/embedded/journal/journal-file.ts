import type Database from 'libsql';
import { emptyLog, openFile, withRoom, type OpenFile } from './database.ts';
import type { Batch, FromThread, Table, ThreadOptions } from './messages.ts';

/** Rows that cross to the server at a time when it starts. */
const ROWS_AT_ONCE = 10_000;

/** Milliseconds between two looks at whether a full disk has room again. */
const ROOM_INTERVAL_MS = 1000;

/** Pages of 4 KiB that stay in the file though nothing is in them: it would only grow again. */
const SPARE_PAGES = 256;

/** Pages that are given back to the disk at a time, and the milliseconds between two times. */
const PAGES_AT_ONCE = 200;
const SHRINK_INTERVAL_MS = 20;

/** For each table its columns, in the order of the rows in `messages.ts`; the first is the key. */
const columns: Readonly<Record<Table, readonly string[]>> = {
  chats: [
    'number',
    'token',
    'status',
    'encrypted',
    'absence_close_after',
    'created',
    'closed',
    'creator',
    'joiner',
    'expired',
    'intruder_noticed',
  ],
  messages: ['place', 'chat', 'addressee', 'id', 'msg', 'system', 'event', 'accepted'],
  invitations: ['number', 'hash', 'removed'],
};

const tables = Object.keys(columns) as Table[];

/** The journal's file: takes batches, and looks after what is left of what was erased. */
export class JournalFile {
  readonly #open: OpenFile;
  readonly #report: (message: FromThread) => void;
  readonly #eraseWithinMs: number;
  readonly #put: Record<Table, Database.Statement>;
  readonly #remove: Record<Table, Database.Statement>;
  readonly #eraseTexts: Database.Statement;
  /** Those that could not be written yet, oldest first. */
  #waiting: Batch[] = [];
  #isFull = false;
  #erasing: NodeJS.Timeout | undefined;
  #shrinking: NodeJS.Timeout | undefined;
  #lookingForRoom: NodeJS.Timeout | undefined;

  /** @throws Error that says what is wrong with the file, and what to do */
  constructor({ dataDir, eraseWithinMs }: ThreadOptions, report: (message: FromThread) => void) {
    this.#open = openFile(dataDir);
    this.#report = report;
    this.#eraseWithinMs = eraseWithinMs;
    this.#put = statements((table) => this.#open.db.prepare(putting(table)));
    this.#remove = statements((table) => this.#open.db.prepare(removing(table)));
    this.#eraseTexts = this.#open.db.prepare(ERASING);
  }

  /** Reports every row, chats before what belongs to them, and that this was all. */
  load(): void {
    for (const table of tables) {
      const names = columns[table].join(', ');
      const select = this.#open.db.prepare(
        `SELECT ${names} FROM ${table} WHERE ${columns[table][0]} > ? ORDER BY 1 LIMIT ${ROWS_AT_ONCE}`,
      );
      select.raw(true);
      let last = -1;
      for (;;) {
        const rows = select.all(last) as [number, ...unknown[]][];
        if (rows.length === 0) break;
        last = rows.at(-1)?.[0] ?? last;
        this.#report({ loading: { table, rows } } as FromThread);
      }
    }
    if (!this.#open.reserve.isWhole()) this.#becomeFull();
    this.#shrinkSoon();
    this.#report({ ready: { hasRoom: !this.#isFull } });
  }

  /**
   * Writes a batch, after those that could not be written before. Gives whether there is room for more than what
   * frees room.
   *
   * @throws Error when it cannot be written now
   */
  commit(batch: Batch): boolean {
    const { reserve } = this.#open;
    this.#waiting.push(batch);
    withRoom(reserve, () => {
      this.#transact();
    });
    const erases = this.#waiting.some(isErasing);
    this.#waiting = [];
    if (erases) this.#eraseSoon();
    if (!reserve.isWhole()) this.#becomeFull();
    // Back to the reserve with what the log took: the next erasure needs it.
    if (this.#isFull && emptyLog(this.#open.db)) reserve.takeBack();
    return !this.#isFull;
  }

  close(): void {
    clearTimeout(this.#erasing);
    clearTimeout(this.#shrinking);
    clearTimeout(this.#lookingForRoom);
    emptyLog(this.#open.db);
    this.#open.db.close();
    this.#open.reserve.close();
  }

  #transact(): void {
    const { db } = this.#open;
    db.exec('BEGIN IMMEDIATE');
    try {
      for (const { put, remove, erase } of this.#waiting) {
        if (erase !== undefined) this.#eraseTexts.run(erase);
        for (const table of tables) {
          if (remove[table] !== undefined) this.#remove[table].run(remove[table]);
          if (put[table] !== undefined) this.#put[table].run(put[table]);
        }
      }
      db.exec('COMMIT');
    } catch (error) {
      // A full disk has rolled it back already.
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  #eraseSoon(): void {
    this.#erasing ??= setTimeout(() => {
      this.#erasing = undefined;
      if (emptyLog(this.#open.db)) this.#shrinkSoon();
      else this.#eraseSoon();
    }, this.#eraseWithinMs);
  }

  /** Gives pages back that nothing is in, a few at a time: a commit may be waiting. */
  #shrinkSoon(): void {
    this.#shrinking ??= setTimeout(() => {
      this.#shrinking = undefined;
      if (this.#sparePages() > SPARE_PAGES && this.#shrink()) this.#shrinkSoon();
    }, SHRINK_INTERVAL_MS);
  }

  #sparePages(): number {
    const [row] = this.#open.db.pragma('freelist_count') as { freelist_count: number }[];
    return row?.freelist_count ?? 0;
  }

  /** `false`: that was no use, or there is no room for it now. */
  #shrink(): boolean {
    const before = this.#sparePages();
    try {
      const pages = Math.min(PAGES_AT_ONCE, before - SPARE_PAGES);
      this.#open.db.pragma(`incremental_vacuum(${pages})`);
    } catch {
      return false;
    }
    this.#eraseSoon();
    return this.#sparePages() < before;
  }

  /** From now on only what frees room is written, until there is room besides the reserve. */
  #becomeFull(): void {
    this.#isFull = true;
    this.#lookingForRoom ??= setTimeout(() => {
      this.#lookingForRoom = undefined;
      const { reserve } = this.#open;
      reserve.takeBack();
      this.#isFull = !reserve.hasRoomBesides();
      if (this.#isFull) this.#becomeFull();
      else this.#report({ room: true });
    }, ROOM_INTERVAL_MS);
  }
}

const statements = (prepare: (table: Table) => Database.Statement) =>
  Object.fromEntries(tables.map((table) => [table, prepare(table)])) as Record<
    Table,
    Database.Statement
  >;

/** Each row is read once, into the form in which SQLite finds its columns, and not once for each of them. */
const putting = (table: Table): string =>
  `INSERT OR REPLACE INTO ${table}
   WITH rows AS MATERIALIZED (SELECT jsonb(value) AS row FROM json_each(?))
   SELECT ${columns[table].map((_, index) => `row ->> ${index}`).join(', ')} FROM rows`;

const ERASING = 'UPDATE messages SET msg = NULL WHERE place IN (SELECT value FROM json_each(?))';

const isErasing = ({ remove, erase }: Batch): boolean =>
  erase !== undefined || Object.keys(remove).length > 0;

const removing = (table: Table): string =>
  `DELETE FROM ${table} WHERE ${columns[table][0] ?? ''} IN (SELECT value FROM json_each(?))`;
