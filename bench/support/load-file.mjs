// Opens the chats of a directory in a process that does nothing else, and prints what that took.
import { openChatStore } from '../../dist/src/embedded/embedded-chat-store.js';

const used = () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const before = used();
const begun = performance.now();
const store = await openChatStore({ dataDir: process.argv[2] });
const milliseconds = Math.round(performance.now() - begun);
const bytes = used() - before;
const residentMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
await store.disconnect();
process.stdout.write(JSON.stringify({ milliseconds, bytes, residentMiB }));
