import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs';

/** Bytes that are given up at a time. */
const CHUNK = 1024 * 1024;

/** Bytes that are taken back at a time. */
const PAGE = 64 * 1024;

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
  /** Bytes of the file, which nobody else changes: every commit asks. */
  #size: number;

  /** @throws Error when the file cannot be opened; that the disk is full is no reason */
  constructor(file: string) {
    this.#file = file;
    this.#descriptor = openSync(file, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
    this.takeBack();
  }

  /** Gives up a piece; `false`: there is none left. */
  release(): boolean {
    if (this.#size === 0) return false;
    const size = Math.max(0, this.#size - CHUNK);
    ftruncateSync(this.#descriptor, size);
    this.#size = size;
    return true;
  }

  isWhole(): boolean {
    return this.#missing() === 0;
  }

  /** Whether the disk has room for more than erasing, so that it is not full again at once. */
  hasRoomBesides(): boolean {
    const { bavail, bsize } = statfsSync(this.#file);
    return this.isWhole() && bavail * bsize >= SLACK_BYTES;
  }

  /** Takes back what the disk has of what was given up, before somebody else does. */
  takeBack(): void {
    try {
      while (!this.isWhole()) {
        // No file system can store these in less room.
        const bytes = randomBytes(Math.min(PAGE, this.#missing()));
        this.#size += writeSync(this.#descriptor, bytes);
      }
    } catch {
      // That was all.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #missing(): number {
    return Math.max(0, RESERVE_BYTES - this.#size);
  }
}
