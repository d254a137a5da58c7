import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readSettings, type Settings } from '../config/settings.ts';
import { askRunningServer, openBackend, type Backend } from '../src/backend.ts';
import { maskToken } from '../src/chat/chat.ts';
import { systemClock } from '../src/chat/clock.ts';
import { createOperations, type Operations } from '../src/chat/operations.ts';
import { composeTermination } from '../src/compose-termination.ts';
import { createLogger } from '../src/process/logger.ts';
import { showProgress } from '../src/process/progress-bar.ts';
import { messageOf, Refusal, runProcess } from '../src/process/run-process.ts';
import { isToken, type Token } from '../src/protocol.ts';

const HELP = `Usage: npm run terminate [-- options]

Ends the chats that are over, once, beside the running service or without it.

  --chat CODE  instead removes the one chat with this code (24 characters, 0-9 and a-f) at once
  --help       shows this

Settings come from the environment, as for the service.
`;

/** Milliseconds to wait for the bus that wakes held polls. */
const WAKE_TIMEOUT_MS = 2000;

/** `npm run terminate`: runs the termination job once, or removes one chat against abuse. */
await runProcess(main, wordsFor);

async function main(signal: AbortSignal): Promise<void> {
  const { help, chat } = readArguments();
  if (help === true) {
    process.stdout.write(HELP);
    return;
  }
  const settings = readSettings();
  if (settings.mode === 'embedded' && settings.dataDir === ':memory:') {
    throw new Refusal(
      'DATA_DIR=:memory: keeps the chats inside the server; nothing else sees them.',
    );
  }
  const run = (operations: Operations) =>
    chat === undefined ? terminateAll(operations, signal) : removeChat(operations, chat);
  const server = await askRunningServer(settings);
  await (server === null ? withBackend(settings, run) : run(server));
}

/** Does it in this process. */
async function withBackend(
  settings: Settings,
  run: (operations: Operations) => Promise<void>,
): Promise<void> {
  const logger = createLogger('silent', 'terminate');
  const backend = await openBackend(settings, logger);
  try {
    await connected(backend);
    const terminate = composeTermination(settings, { backend, logger });
    await run(createOperations({ ...backend, clock: systemClock, terminate }));
  } finally {
    await backend.disconnect();
  }
}

/** The database must be there; wake-ups are worth a moment, and are done without if they have to be. */
async function connected({ store, wakeBus }: Backend): Promise<void> {
  await store.ping();
  const deadline = Date.now() + WAKE_TIMEOUT_MS;
  while (!wakeBus.isHealthy() && Date.now() < deadline) await sleep(10);
  if (wakeBus.isHealthy()) return;
  process.stderr.write('Redis is away: polls under way notice at their next check.\n');
}

function readArguments(): { help?: boolean; chat?: Token } {
  const { values } = parseArgs({
    options: { help: { type: 'boolean' }, chat: { type: 'string' } },
  });
  if (values.chat !== undefined && !isToken(values.chat)) {
    throw new Refusal('--chat takes the code of a chat: 24 characters, 0-9 and a-f.');
  }
  return values;
}

async function terminateAll(operations: Operations, signal: AbortSignal): Promise<void> {
  const bar = showProgress(process.stdout, () => operations.countClosed());
  const { expired, removed, milliseconds } = await operations
    .terminate({ signal, onProgress: bar.show })
    .finally(bar.end);
  process.stdout.write(
    `Ended the lifetime of ${expired} chats and removed ${removed} finished chats in ${milliseconds} ms.\n`,
  );
  if (signal.aborted) throw new Refusal('Interrupted: what is left, the next run finds.');
}

/** The kill switch: nothing of the chat is left, and whoever is in it is refused from now on. */
async function removeChat(operations: Operations, token: Token): Promise<void> {
  const status = await operations.remove(token);
  if (status === null) throw new Refusal(`There is no chat ${maskToken(token)}.`);
  process.stdout.write(`Removed the chat ${maskToken(token)}; it was ${status}.\n`);
}

function wordsFor(error: unknown): string {
  const isUsage =
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isUsage) return messageOf(error);
  // The message quotes what it does not understand, and that may be a code.
  return `${error.message.replaceAll(/[0-9a-f]{24}/gi, maskToken)}\n\n${HELP}`;
}
