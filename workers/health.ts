import { readSettings } from '../config/settings.ts';
import { openBackend } from '../src/backend.ts';
import { systemClock } from '../src/chat/clock.ts';
import { createLogger } from '../src/process/logger.ts';
import { Refusal, runProcess } from '../src/process/run-process.ts';
import { within } from '../src/process/time-limit.ts';

/** Milliseconds without a sign of life after which a worker counts as dead; it gives one every five seconds. */
const LOST_MS = 30_000;

/** Milliseconds for connecting to Redis and asking it. */
const PATIENCE_MS = 5000;

/** `node dist/workers/health.js`: exit code 0 when a worker takes jobs; for the health check of its container. */
await runProcess(check);

async function check(): Promise<void> {
  const backend = await openBackend(readSettings(), createLogger('silent', 'health'));
  const deadline = Date.now() + PATIENCE_MS;
  // Its time is the one that is noted; while it is away this machine's has to do.
  await within(PATIENCE_MS, backend.store.ping(), () => undefined).catch(() => undefined);
  // The first connection takes a moment, in which every command fails.
  const ask = async (): Promise<number | null | undefined> => {
    while (Date.now() < deadline) {
      const state = await backend.terminationLog.read().catch(() => null);
      if (state !== null) return state.workerSeenAt;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Refusal('Redis does not answer.');
  };
  const seenAt = (await ask()) ?? 0;
  await within(PATIENCE_MS, backend.disconnect(), () => undefined);
  if (systemClock.now() - seenAt > LOST_MS) throw new Refusal('No worker gives a sign of life.');
  process.stdout.write('A worker takes jobs.\n');
}
