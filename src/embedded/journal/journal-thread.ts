import { parentPort, workerData } from 'node:worker_threads';
import { codeOf } from './database.ts';
import { JournalFile } from './journal-file.ts';
import type { FromThread, ThreadOptions, ToThread } from './messages.ts';

/** The thread that owns the database file, so that nobody who only reads waits for the disk. */

const report = (message: FromThread): void => {
  parentPort?.postMessage(message);
};

try {
  serve(new JournalFile(workerData as ThreadOptions, report));
} catch (error) {
  report({ refused: error instanceof Error ? error.message : String(error) });
  parentPort?.close();
}

function serve(file: JournalFile): void {
  file.load();
  parentPort?.on('message', (message: ToThread) => {
    if ('close' in message) {
      file.close();
      report({ closed: true });
      parentPort?.close();
      return;
    }
    try {
      report({ committed: { hasRoom: file.commit(message.batch) } });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      report({ failed: { code: codeOf(error), message: reason } });
    }
  });
}
