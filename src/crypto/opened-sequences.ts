/** Which of the talker's frames were opened (encryption.md, "Message"). */
export interface OpenedSequences {
  /** How many were opened without a gap, from sequence 0: what own frames say as `received`. */
  readonly received: number;
  /** Opened sequences beyond a gap, ascending. */
  readonly beyond: readonly number[];
}

export const NOTHING_OPENED: OpenedSequences = { received: 0, beyond: [] };

/** Sequences from `from` up to, not including, `to`. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

export interface NotedSequence {
  readonly opened: OpenedSequences;
  /** The gap that this sequence shows up; an earlier one was reported before. */
  readonly missing: SequenceRange | undefined;
  /** It was reported as missing, and is there after all. */
  readonly late: boolean;
}

/** Notes a sequence as opened; undefined when it was opened before. */
export function noteOpened(opened: OpenedSequences, sequence: number): NotedSequence | undefined {
  const { received, beyond } = opened;
  if (sequence < received || beyond.includes(sequence)) return undefined;
  const next = (beyond.at(-1) ?? received - 1) + 1;
  return {
    opened: closeGap(
      received,
      [...beyond, sequence].sort((one, other) => one - other),
    ),
    missing: sequence > next ? { from: next, to: sequence } : undefined,
    late: sequence < next,
  };
}

function closeGap(received: number, beyond: readonly number[]): OpenedSequences {
  const gap = beyond.findIndex((sequence, index) => sequence !== received + index);
  const closed = gap === -1 ? beyond.length : gap;
  return { received: received + closed, beyond: beyond.slice(closed) };
}
