import path from 'node:path';
import Database from 'libsql';

/**
 * Makes this process the one server of a data directory until it ends, however it ends: the operating
 * system takes the lock back. Two servers would hold polls that the other one does not know of, and
 * close chats for an absence that is none.
 *
 * @throws Error when another server has the directory
 */
export function lockDirectory(dataDir: string): void {
  const lock = new Database(path.join(dataDir, 'server.lock'));
  lock.pragma('busy_timeout = 0');
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    throw new Error('another server uses it', { cause: error });
  }
  held.add(lock);
}

/** Kept for as long as the process lives: a database that is collected is closed, and its lock is gone. */
const held = new Set<Database.Database>();
