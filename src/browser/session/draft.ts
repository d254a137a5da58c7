import { DRAFT_KEY } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/** What is typed and not sent, kept with the session. */
export interface Draft {
  read(): string;
  keep(text: string): void;
  /** Whether a reload would find it. */
  isKept(): boolean;
}

/** Creates the draft of a chat. */
export function createDraft(storage: TabStorage): Draft {
  let isKept = true;
  return {
    read: () => storage.get(DRAFT_KEY) ?? '',
    keep(text) {
      if (text === '') storage.remove(DRAFT_KEY);
      isKept = text === '' || storage.set(DRAFT_KEY, text);
    },
    isKept: () => isKept,
  };
}
