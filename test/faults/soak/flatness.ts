import type { Sample } from './sample.ts';

/** Share of the samples at the beginning in which a process takes what it needs. */
const WARM_UP = 0.25;

/** How much more than before something may be at the end, to be called flat. */
const FLAT = 1.25;
const MORE_MIB = 2;

/** One thing that was measured, early and late. */
export interface Trend {
  readonly name: string;
  readonly early: number;
  readonly late: number;
  readonly isFlat: boolean;
}

/** What may not rise while people come and go. How much is open depends on how many there are. */
const STEADY = ['memory (MiB)', 'heap (MiB)', 'files on disk (MiB)'];

/** The lowest value: what leaks raises it, what comes and goes does not. */
const lowest = (samples: readonly Sample[], name: string): number =>
  Math.min(...samples.map((sample) => sample[name] ?? 0));

/** Compares the last quarter with the one after the warm-up. */
export function trends(samples: readonly Sample[]): Trend[] {
  const quarter = Math.max(1, Math.floor(samples.length * WARM_UP));
  return STEADY.map((name) => {
    const early = lowest(samples.slice(quarter, 2 * quarter), name);
    const late = lowest(samples.slice(-quarter), name);
    return { name, early, late, isFlat: late <= early * FLAT + MORE_MIB };
  });
}

/** What must be as it was before once everybody has gone, but for so many: a connection of ours, a timer of a job. */
const GIVEN_BACK = { 'held polls': 0, 'open files': 20, 'handles and timers': 20 };

/** Compares an idle process before anybody came with the same one after everybody went. */
export const givenBack = (before: Sample, after: Sample): Trend[] =>
  Object.entries(GIVEN_BACK).map(([name, more]) => {
    const [early, late] = [before[name] ?? 0, after[name] ?? 0];
    return { name: `${name}, idle`, early, late, isFlat: late <= early + more };
  });

/** One line for a terminal. */
export const inWords = ({ name, early, late, isFlat }: Trend): string =>
  `${name}: ${early.toFixed(1)} early, ${late.toFixed(1)} late: ${isFlat ? 'flat' : 'NOT FLAT'}`;
