import { pino, stdTimeFunctions, type Logger } from 'pino';

/** Structured logs on standard output, one JSON object a line; no process id, no host name. */
export const createLogger = (level: string): Logger =>
  pino({ level, base: null, timestamp: stdTimeFunctions.isoTime });
