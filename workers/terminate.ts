import { readSettings, SettingsError } from '../config/settings.ts';
import { openBackend } from '../src/backend.ts';
import { systemClock } from '../src/chat/clock.ts';
import { timingOf } from '../src/parts.ts';
import { terminateChats } from './terminate-chats.ts';

/** `npm run terminate`: runs the termination job once, beside the running service or without it. */
async function main(): Promise<void> {
  const settings = readSettings();
  const { store, wakeBus, disconnect } = await openBackend(settings);
  try {
    const { expired, removed, milliseconds } = await terminateChats({
      store,
      wakeBus,
      clock: systemClock,
      timing: timingOf(settings),
    });
    process.stdout.write(
      `Ended the lifetime of ${expired} chats and removed ${removed} finished chats in ${milliseconds} ms.\n`,
    );
  } finally {
    await disconnect();
  }
}

main().catch((error: unknown) => {
  const lines = error instanceof SettingsError ? error.mistakes.join('\n') : String(error);
  process.stderr.write(`${lines}\n`);
  process.exitCode = 1;
});
