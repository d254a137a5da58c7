import { Cron } from 'croner';

/**
 * Runs a job on a cron schedule (UTC) inside this process; never twice at once. Returns how to stop:
 * it resolves when a run at hand is over.
 */
export function runOnSchedule(
  schedule: string,
  job: (signal: AbortSignal) => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  // UTC as an offset: as a time zone it would load what is known of all of them.
  const cron = new Cron(schedule, { protect: true, unref: true, utcOffset: 0 }, async () => {
    running = job(stopping.signal).catch(onError);
    await running;
  });
  return async () => {
    cron.stop();
    stopping.abort();
    await running;
  };
}
