import type { Writable } from 'node:stream';
import type { Screen } from './screen.ts';

/** One event a line, for scripts. */
export function createJsonScreen(output: Writable): Screen {
  return {
    show(event) {
      output.write(`${JSON.stringify(event)}\n`);
    },
    say: () => undefined,
    end: () => undefined,
  };
}
