import { destination, pino, stdTimeFunctions, type Logger } from 'pino';

/** Structured logs on standard output, one JSON object a line; no process id, no host name. */
export function createLogger(level: string): Logger {
  const output = destination({ dest: 1, sync: true });
  const logger = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, output);
  // Nobody reads the log any more. The service goes on, and it must not wait for a reader when it ends,
  // which pino's own destination does.
  output.on('error', () => {
    logger.level = 'silent';
  });
  return logger;
}
