import { historyKey, isHistoryKey } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/** The lines of a conversation, in pieces: what is added or changes rewrites one piece, however long it has become. */
export interface History<Line> {
  lines: () => readonly Line[];
  add(added: readonly Line[]): void;
  /** To be called when a line was changed in its place. */
  changed(index: number): void;
  replace(lines: readonly Line[]): void;
  /** Hands what has changed to the storage. */
  save: () => void;
}

const LINES_IN_A_PIECE = 32;

/**
 * Opens what the tab remembers. The first piece may be of any size: before there were pieces it was everything.
 *
 * @param read makes the lines of a piece from what is stored; of no shape that is certain
 */
export function openHistory<Line>(
  storage: TabStorage,
  read: (stored: string | null) => Line[],
): History<Line> {
  const keys = storage.keys().filter(isHistoryKey);
  // What a full storage did not take has left a gap, and what comes after it is still there.
  const count = Math.max(0, ...keys.map((key) => numberOf(key) + 1));
  let pieces = Array.from({ length: count }, (_unused, number) =>
    read(storage.get(historyKey(number))),
  );
  let lines = pieces.flat();
  const unsaved = new Set<number>();

  const append = (line: Line): void => {
    const last = pieces.at(-1);
    if (last && last.length < LINES_IN_A_PIECE) last.push(line);
    else pieces.push([line]);
    lines.push(line);
    unsaved.add(pieces.length - 1);
  };

  return {
    lines: () => lines,
    add(added) {
      added.forEach(append);
    },
    changed(index) {
      let end = 0;
      unsaved.add(pieces.findIndex((piece) => index < (end += piece.length)));
    },
    replace(replacing) {
      for (const number of pieces.keys()) storage.remove(historyKey(number));
      pieces = [];
      lines = [];
      unsaved.clear();
      replacing.forEach(append);
    },
    save() {
      for (const number of unsaved) storage.set(historyKey(number), JSON.stringify(pieces[number]));
      unsaved.clear();
    },
  };
}

const numberOf = (key: string): number => Number(key.split('.')[2] ?? 0);
