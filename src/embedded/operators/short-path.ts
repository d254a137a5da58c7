import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Bytes that the address of a socket has on every system. */
const LONGEST_ADDRESS = 100;

/**
 * Does something with the address of a socket in a directory. Operating systems take only short addresses, so one
 * that is too long leads through a link in a directory of our own, which nobody needs afterwards.
 */
export async function withShortPath<Result>(
  directory: string,
  name: string,
  use: (address: string) => Promise<Result>,
): Promise<Result> {
  const address = path.resolve(directory, name);
  if (Buffer.byteLength(address) <= LONGEST_ADDRESS) return use(address);
  // Only the owner can put anything there.
  const own = mkdtempSync(path.join(tmpdir(), 'sfchat-'));
  try {
    symlinkSync(path.resolve(directory), path.join(own, 'd'));
    return await use(path.join(own, 'd', name));
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
