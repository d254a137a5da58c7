import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { projectRoot } from '../../process/project-root.ts';
import { Journal, type HearOfDisk, type JournalThread } from './journal.ts';
import type { FromThread, Loading, ThreadOptions, ToThread } from './messages.ts';

export interface JournalOptions extends ThreadOptions {
  readonly onDisk?: HearOfDisk | undefined;
}

export interface StartedJournal {
  readonly journal: Journal;
  /**
   * Has `restore` hear what is in the file; resolves when that is all. Nothing may be changed before.
   *
   * @throws Error that says why the file cannot be used, and what to do
   */
  readonly load: (restore: (rows: Loading) => void) => Promise<void>;
}

/** A thread is no module of who starts it: wherever that was bundled into, or runs from its source, this is the built one. */
const SCRIPT = 'dist/src/embedded/journal/journal-thread.js';

/** Starts the thread that owns the file of a directory. */
export function startJournal({ onDisk, ...options }: JournalOptions): StartedJournal {
  const worker = new Worker(path.join(projectRoot(), SCRIPT), {
    workerData: options satisfies ThreadOptions,
  });
  const journal = new Journal(threadOf(worker), onDisk);
  return {
    journal,
    load: (restore) =>
      new Promise((resolve, reject) => {
        const hear = (report: FromThread): void => {
          if ('loading' in report) restore(report.loading);
          else if ('refused' in report) reject(new Error(report.refused));
          else journal.hear(report);
          if (!('ready' in report)) return;
          // From now on an error of the thread ends the process: what it did not write, nobody was told of.
          worker.off('error', reject);
          resolve();
        };
        worker.on('message', hear).on('error', reject);
      }),
  };
}

function threadOf(worker: Worker): JournalThread {
  const post = (message: ToThread): void => {
    worker.postMessage(message);
  };
  return {
    commit: (batch) => {
      post({ batch });
    },
    close: () =>
      new Promise((resolve) => {
        worker.once('exit', () => {
          resolve();
        });
        post({ close: true });
      }),
  };
}
