import type { Progress } from '../chat/terminate-chats.ts';

/** Characters of a full bar. */
const WIDTH = 30;

/** Milliseconds between two lines where there is no terminal to draw on. */
const LINE_INTERVAL_MS = 5000;

const labels = { expire: 'Ending lifetimes', remove: 'Removing finished' };

/** Where to show it: standard output, a terminal or not. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressDisplay {
  readonly show: (progress: Progress) => Promise<void>;
  readonly end: () => void;
}

/**
 * Shows how far a termination is: a bar on a terminal, a line now and then elsewhere.
 *
 * @param countFinished how many chats may be removed at the most; asked once, when removing begins
 */
export function showProgress(
  output: Output,
  countFinished: () => Promise<number>,
): ProgressDisplay {
  let finished: Promise<number> | undefined;
  let lineAt = Date.now() + LINE_INTERVAL_MS;

  /** Removing has no order to tell the share from, but what it may remove can be counted. */
  const shareOf = async ({ step, share, removed }: Progress): Promise<number> => {
    if (step === 'expire') return share ?? 0;
    // A count that fails is no reason to stop: the display is there for the job, not the other way round.
    finished ??= countFinished().then(
      (left) => left + removed,
      () => removed,
    );
    return Math.min(1, removed / Math.max(1, await finished));
  };
  return {
    show: async (progress) => {
      const { step, expired, removed } = progress;
      if (output.isTTY !== true && Date.now() < lineAt) return;
      const percent = Math.floor((await shareOf(progress)) * 100);
      const count = step === 'expire' ? expired : removed;
      if (output.isTTY === true) {
        output.write(`\r${labels[step].padEnd(17)} ${bar(percent)} ${percent} %  ${count}\x1b[K`);
      } else {
        lineAt = Date.now() + LINE_INTERVAL_MS;
        output.write(`${labels[step]}: ${percent} %, ${count} chats\n`);
      }
    },
    end: () => {
      if (output.isTTY === true) output.write('\r\x1b[K');
    },
  };
}

function bar(percent: number): string {
  const full = Math.round((percent / 100) * WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]`;
}
