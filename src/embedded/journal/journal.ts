import { StorageUnavailable } from '../../chat/failures.ts';
import type { Changes } from '../memory/changes.ts';
import { PendingRows } from './pending-rows.ts';
import type { Batch, FromThread } from './messages.ts';

/** Milliseconds between two commits: what comes meanwhile shares the next, and the disk has fewer to do. */
const REST_MS = 2;

/** Milliseconds that a batch waits at the most for what comes next, while there is always something that comes. */
const MOST_GATHERING_MS = 6;

/** Milliseconds until the journal is tried again that could not be written. */
const RETRY_MS = 500;

/** Bytes that may wait for the journal: a disk that hangs must not fill the memory. */
const MOST_PENDING_BYTES = 8 * 1024 * 1024;

/** The thread that owns the file, as the journal sees it. */
export interface JournalThread {
  commit(batch: Batch): void;
  /** Resolves when everything is written and the file is closed. */
  close(): Promise<void>;
}

/** Hears why nothing can be stored from now on, once; and `null` when it can again. */
export type HearOfDisk = (problem: Error | null) => void;

/**
 * Makes steps last. It collects what they changed and has it committed together: everything that came while the
 * disk was busy is one transaction. Whoever is to be told that a step was taken waits for {@link lasting}.
 *
 * A batch that could not be written is kept by the thread and goes before the next, so memory may be ahead of the
 * file but never lacks what is in it.
 */
export class Journal {
  readonly #thread: JournalThread;
  readonly #pending = new PendingRows(() => {
    this.#isDirty = true;
    if (this.#current === null && this.#timer === null) this.#gather();
  });
  #isDirty = false;
  /** Until the thread has said so. */
  #hasRoom = false;
  /** Why the last commit failed; `null`: it did not. */
  #failure: Error | null = null;
  /** The commit under way. */
  #current: Commit | null = null;
  /** The one after it, if somebody waits for it already. */
  #next: Commit | null = null;
  #timer: NodeJS.Timeout | NodeJS.Immediate | null = null;
  readonly #onDisk: HearOfDisk;
  /** Whether the last thing that was said of the disk is that it works. */
  #saidHealthy = true;

  constructor(thread: JournalThread, onDisk: HearOfDisk = () => undefined) {
    this.#thread = thread;
    this.#onDisk = onDisk;
  }

  /** Where steps tell what they change. */
  get changes(): Changes {
    return this.#pending;
  }

  /** Resolves when everything lasts that has been changed up to now; `undefined`: it does. */
  lasting(): Promise<void> | undefined {
    if (this.#isDirty || this.#failure !== null) return (this.#next ??= new Commit()).done;
    return this.#current?.done;
  }

  /** @throws StorageUnavailable while not everything is written, or would be */
  expectHealthy(): void {
    const problem = this.#problem();
    if (problem !== null) throw new StorageUnavailable(problem);
  }

  /** @throws StorageUnavailable while only what frees space is written, and while the disk does not keep up */
  expectRoom(): void {
    this.expectHealthy();
    if (this.#pending.size > MOST_PENDING_BYTES) {
      throw new StorageUnavailable(new Error('the disk does not keep up'));
    }
  }

  /** What the thread reports. */
  hear(report: FromThread): void {
    if ('ready' in report) this.#hasRoom = report.ready.hasRoom;
    else if ('room' in report) this.#hasRoom = report.room;
    else if ('committed' in report) this.#committed(report.committed.hasRoom);
    else if ('failed' in report) {
      this.#failed(new Error(`${report.failed.code}: ${report.failed.message}`));
    }
    this.#tell();
  }

  /** Writes what is left and lets go of the file. */
  async close(): Promise<void> {
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = null;
    if (this.#current !== null) await this.#current.done.catch(() => undefined);
    if (this.#isDirty) this.#commit();
    await this.#thread.close();
    this.#next?.reject(new StorageUnavailable(new Error('the server has stopped')));
  }

  #problem(): Error | null {
    return this.#failure ?? (this.#hasRoom ? null : new Error('the disk is full'));
  }

  /** A retry that fails like the one before is no news. */
  #tell(): void {
    const problem = this.#problem();
    if ((problem === null) === this.#saidHealthy) return;
    this.#saidHealthy = problem === null;
    this.#onDisk(problem);
  }

  /** Commits as soon as a turn of the event loop brings nothing more: who is busy anyway has fewer commits to do. */
  #gather(since = performance.now()): void {
    const { size } = this.#pending;
    this.#timer = setImmediate(() => {
      const isMore = this.#pending.size > size;
      if (isMore && performance.now() - since < MOST_GATHERING_MS) this.#gather(since);
      else this.#commit();
    });
  }

  #commit(): void {
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = null;
    this.#current = this.#next ?? new Commit();
    this.#next = null;
    this.#isDirty = false;
    this.#thread.commit(this.#pending.take());
  }

  #committed(hasRoom: boolean): void {
    this.#hasRoom = hasRoom;
    this.#failure = null;
    this.#current?.resolve();
    this.#current = null;
    if (this.#isDirty || this.#next !== null) this.#rest();
  }

  #failed(failure: Error): void {
    this.#failure = failure;
    this.#current?.reject(new StorageUnavailable(failure));
    this.#current = null;
    this.#timer = setTimeout(() => {
      this.#commit();
    }, RETRY_MS);
  }

  #rest(): void {
    this.#timer = setTimeout(() => {
      this.#gather();
    }, REST_MS);
  }
}

/** What many wait for at once. */
class Commit {
  readonly done: Promise<void>;
  resolve: () => void = () => undefined;
  reject: (reason: StorageUnavailable) => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Nobody need wait for it.
    this.done.catch(() => undefined);
  }
}

function cancel(timer: NodeJS.Timeout | NodeJS.Immediate): void {
  if ('refresh' in timer) clearTimeout(timer);
  else clearImmediate(timer);
}
