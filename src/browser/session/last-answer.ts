import { ANSWERED_KEY } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/** When the server answered last, across reloads: what waited while this page was away was written some time before. */
export interface LastAnswer {
  /** For how long this page has heard nothing, in milliseconds; 0 before the first answer in this tab. */
  awayMs(): number;
  note(): void;
}

/** Creates the note of one chat. `now`: milliseconds since the epoch, as only that goes on while a page is closed. */
export function createLastAnswer(storage: TabStorage, now: () => number): LastAnswer {
  return {
    awayMs() {
      const at = Number(storage.get(ANSWERED_KEY) ?? NaN);
      return Number.isFinite(at) ? Math.max(0, now() - at) : 0;
    },
    note() {
      storage.set(ANSWERED_KEY, String(now()));
    },
  };
}
