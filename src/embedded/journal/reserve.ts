import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs';

/** Bytes that are kept back and given back at a time. */
const CHUNK = 1024 * 1024;

/** Bytes in all: more than what lies in the log when the disk becomes full, written a second time. */
const RESERVE_BYTES = 8 * CHUNK;

/** Bytes that must be free besides, before more is taken than what erasing needs: the next moment may need them. */
const SLACK_BYTES = 4 * CHUNK;

/**
 * Room on the disk for what frees room. SQLite needs some for every erasure, and a full disk has none: then a piece of this
 * file is given up instead, and taken back when there is room again.
 */
export class Reserve {
  readonly #file: string;
  readonly #descriptor: number;

  /** @throws Error when the file cannot be opened; that the disk is full is no reason */
  constructor(file: string) {
    this.#file = file;
    this.#descriptor = openSync(file, 'a', 0o600);
    if (this.#missing() > 0) this.refill(0);
  }

  /** Gives up a piece; `false`: there is none left. */
  release(): boolean {
    const { size } = fstatSync(this.#descriptor);
    if (size === 0) return false;
    ftruncateSync(this.#descriptor, Math.max(0, size - CHUNK));
    return true;
  }

  isWhole(): boolean {
    return this.#missing() === 0;
  }

  /** Takes back what is missing if the disk has it, and some bytes more; `false`: it has not. */
  refill(slack = SLACK_BYTES): boolean {
    try {
      const { bavail, bsize } = statfsSync(this.#file);
      if (bavail * bsize < this.#missing() + slack) return this.isWhole();
      while (this.#missing() > 0) {
        // No file system can store these in less room.
        writeSync(this.#descriptor, randomBytes(Math.min(CHUNK, this.#missing())));
      }
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #missing(): number {
    return Math.max(0, RESERVE_BYTES - fstatSync(this.#descriptor).size);
  }
}
