import { readSettings } from '../config/settings.ts';
import { openBackend } from '../src/backend.ts';
import { composeTermination } from '../src/compose-termination.ts';
import { createLogger } from '../src/process/logger.ts';
import { Refusal, runProcess } from '../src/process/run-process.ts';
import { within } from '../src/process/time-limit.ts';

/** Milliseconds for closing connections when the process is told to stop. */
const STOP_TIMEOUT_MS = 5000;

/** `npm run worker`: runs the termination job when it is due or asked for. Any number may run. */
await runProcess(work);

async function work(signal: AbortSignal): Promise<void> {
  const settings = readSettings();
  const logger = createLogger(settings.logLevel, 'worker');
  if (settings.mode === 'embedded') {
    throw new Refusal(
      'SFCHAT_MODE=embedded: the server runs the termination job itself and needs no worker.',
    );
  }
  const backend = await openBackend(settings, logger);
  const terminate = composeTermination(settings, { backend, logger });
  await backend.work?.(terminate, { schedule: settings.terminationSchedule, signal });
  // Redis may be away: what it is not told it finds out by the lock that nobody renews.
  await within(STOP_TIMEOUT_MS, backend.disconnect(), () => undefined);
  logger.info('stopped');
}
