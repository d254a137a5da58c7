import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';

/** A logger of the lowest level whose lines a test reads. */
export function captureLog(): { logger: Logger; lines(): string[] } {
  const written: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  return {
    logger: pino({ level: 'trace', base: null }, stream),
    lines: () => written.join('').split('\n').filter(Boolean),
  };
}
