import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { makePrivateDirectory } from './private-directory.ts';
import { Reserve } from './reserve.ts';
import { prepareSchema } from './schema.ts';

/** Milliseconds to wait for another process that is about to let go of the file. */
const LOCK_PATIENCE_MS = 1000;

/** The file with its reserve, open, and nobody else's until this process ends. */
export interface OpenFile {
  readonly db: Database.Database;
  readonly reserve: Reserve;
}

/**
 * Opens the database file of a directory, converted if an earlier version wrote it, and locks it for this process: the
 * operating system takes the lock back when the process ends, however it does.
 *
 * @throws Error that says what is wrong, and what to do
 */
export function openFile(dataDir: string): OpenFile {
  // Only the service's own user reads the directory: it holds texts until they are delivered.
  makePrivateDirectory(dataDir);
  const file = path.join(dataDir, 'sfchat.db');
  keepPrivate(file);
  const reserve = new Reserve(path.join(dataDir, 'sfchat.reserve'));
  const db = new Database(file);
  try {
    withRoom(reserve, () => {
      prepare(db, file);
    });
    return { db, reserve };
  } catch (error) {
    reserve.close();
    if (db.open) db.close();
    throw explained(error, file);
  }
}

function prepare(db: Database.Database, file: string): void {
  db.pragma(`busy_timeout = ${LOCK_PATIENCE_MS}`);
  // The lock, and no shared memory beside the file.
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  // What a statement puts aside is never in a file: texts are among it.
  db.pragma('temp_store = MEMORY');
  expectSound(db);
  const isConverted = prepareSchema(db);
  if (isConverted) vacuum(db);
  rmSync(`${file}-shm`, { force: true });
  // A process that was killed may have left an erased message in the write-ahead log.
  emptyLog(db);
}

/** Does something that needs room, with what is kept back for it when the disk is full. */
export function withRoom<Result>(reserve: Reserve, step: () => Result): Result {
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!isFull(error) || !reserve.release()) throw error;
    }
  }
}

/**
 * Empties the write-ahead log: its pages still have what was erased from the file. `false`: the disk refuses; it
 * is worth trying again.
 */
export function emptyLog(db: Database.Database): boolean {
  try {
    const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return result?.busy !== 1;
  } catch {
    return false;
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const isFull = (error: unknown): boolean => /^(SQLITE_FULL|ENOSPC)/.test(codeOf(error));

/** Lets a file shrink that an earlier version made, where the disk has room for a copy of what is in it. */
function vacuum(db: Database.Database): void {
  try {
    db.exec('VACUUM');
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

function expectSound(db: Database.Database): void {
  const [row] = db.pragma('quick_check(1)') as { quick_check: string }[];
  if (row?.quick_check !== 'ok') {
    throw Object.assign(new Error(row?.quick_check), { code: 'SQLITE_CORRUPT' });
  }
}

function explained(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new Error('another server uses it', { cause: error });
  }
  if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error;
  return new Error(
    `${file} is damaged or no file of SFChat. Restore it, or move it and ${file}-wal away to begin without its chats`,
    { cause: error },
  );
}

/** Nobody else may read the file, nor the log that SQLite puts beside it with the same mode. */
function keepPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const each of [file, `${file}-wal`]) {
    if (existsSync(each)) chmodSync(each, 0o600);
  }
}
