import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The journal's thread as it was built: a thread is no module of the tests. */
export const journalThread = pathToFileURL(
  path.resolve(__dirname, '../../dist/src/embedded/journal/journal-thread.js'),
);
