import type { Line } from './connection/line.ts';

/** Texts that wait for the talker, or for keys. */
export interface HeldTexts {
  add(id: string, text: string): void;
  /** Writes what waits, in order. Answers whether there was anything; rejects when there are no keys to write with. */
  release(): Promise<boolean>;
}

/** Creates an empty list of texts for a line. */
export function createHeldTexts(line: Pick<Line, 'write'>): HeldTexts {
  let held: { readonly id: string; readonly text: string }[] = [];
  return {
    add(id, text) {
      held.push({ id, text });
    },
    async release() {
      const released = held;
      held = [];
      await Promise.all(released.map(({ id, text }) => line.write(id, text)));
      return released.length > 0;
    },
  };
}
