import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { StorageUnavailable } from '../chat/failures.ts';

/**
 * Structured logs, one JSON object a line; no process id, no host name.
 *
 * @param name of the process, in every line: where the logs of several come together, it says whose each is
 */
export function createLogger(
  level: string,
  name: string,
  output: DestinationStream = standardOutput(),
): Logger {
  const logger = pino(
    {
      level,
      base: { process: name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { log: describeErrors },
    },
    output,
  );
  // Nobody reads the log any more. The service goes on, and it must not wait for a reader when it ends,
  // which pino's own destination does.
  if ('on' in output && typeof output.on === 'function') {
    (output as ReturnType<typeof standardOutput>).on('error', () => {
      logger.level = 'silent';
    });
  }
  return logger;
}

const standardOutput = () => destination({ dest: 1, sync: true });

/** Under whatever name an error is logged: it stands in the log as {@link describeError} has it. */
const describeErrors = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? describeError(value) : value,
    ]),
  );

/**
 * What a log says of an error: name, message and stack, never the object, because libraries attach
 * requests and values to their errors. Of a storage that is away also why: stores clean what they name.
 */
function describeError(error: Error): object {
  const { name, message, stack, cause } = error;
  const isStorage = error instanceof StorageUnavailable && cause instanceof Error;
  return { name, message, stack, ...(isStorage && { cause: describeError(cause) }) };
}
