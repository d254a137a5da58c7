import type { PartState } from './ops-routes.ts';

/** A time in which some part was not well, as it was seen. Times in ms since the epoch. */
export interface Trouble {
  /** Whatever was not well in it. */
  readonly parts: readonly string[];
  readonly from: number;
  /** `null`: it is not over. */
  readonly until: number | null;
}

/**
 * Remembers the last trouble over all looks at the parts.
 *
 * @returns what takes the next look and gives the trouble that is, or was last; `null`: none so far
 */
export function rememberTrouble(): (
  at: number,
  parts: Readonly<Record<string, PartState>>,
) => Trouble | null {
  let last: Trouble | null = null;
  return (at, parts) => {
    const bad = Object.keys(parts).filter((name) => parts[name] !== 'ok');
    const going = last?.until === null ? last : null;
    if (bad.length > 0) {
      const all = new Set([...(going?.parts ?? []), ...bad]);
      last = { parts: [...all], from: going?.from ?? at, until: null };
    } else if (going !== null) {
      last = { ...going, until: at };
    }
    return last;
  };
}
