import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a directory that only the service's own user can read, and those above it that are missing; one
 * that is there stays as it is. Step by step, because `recursive` of Node.js never comes to an end where
 * a directory is there and takes no other, as `/proc`.
 *
 * @throws when it cannot be made, or is no directory
 */
export function makePrivateDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  const above = path.dirname(directory);
  // The root, and what the process works in, are there or cannot be made.
  if (above !== directory) makePrivateDirectory(above);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Somebody else was quicker.
    if (!isDirectory(directory)) throw explained(error, above);
  }
}

const isDirectory = (name: string): boolean =>
  statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;

/** "No such file or directory" means here that the one above, which is there, takes none. */
function explained(error: unknown, above: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return error;
  return new Error(`nothing can be created in ${above}`, { cause: error });
}
