import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import { createLogger } from '../../src/process/logger.ts';

/** The logger of production at the lowest level, whose lines a test reads. */
export function captureLog(): { logger: Logger; lines(): string[] } {
  const written: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  return {
    logger: createLogger('trace', 'test', stream),
    lines: () => written.join('').split('\n').filter(Boolean),
  };
}
