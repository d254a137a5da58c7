import { SettingsError } from '../../config/settings.ts';

/** What went wrong, in words for whoever started the process. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Refusal';
  }
}

/**
 * Runs the main function of a process and ends the process with it: exit code 0 when it returns, 1 with a
 * line on standard error when it throws. The first SIGTERM or SIGINT aborts `signal`, and main winds up; the
 * second is somebody who does not want to wait.
 *
 * @param main resolves when there is nothing more to do
 * @param wordsFor what to say of an error that is neither a {@link Refusal} nor about settings
 */
export async function runProcess(
  main: (signal: AbortSignal) => Promise<void>,
  wordsFor: (error: unknown) => string = messageOf,
): Promise<never> {
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort();
    });
  }
  // Whatever nobody expected leaves a process that nobody can trust: what supervises it starts a new one.
  process.on('uncaughtException', (error) => fail(error.stack ?? error.message));
  try {
    await main(stopping.signal);
  } catch (error) {
    fail(lines(error, wordsFor));
  }
  process.exit(0);
}

/** Says why and ends the process. */
function fail(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

function lines(error: unknown, wordsFor: (error: unknown) => string): string {
  if (error instanceof SettingsError) return error.mistakes.join('\n');
  return error instanceof Refusal ? error.message : wordsFor(error);
}

/** The message of an error and of what caused it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
