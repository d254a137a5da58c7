import type { Clock } from '../../chat/clock.ts';
import { repeat } from '../../chat/repeat.ts';
import type { Metrics } from '../ops/metrics.ts';

/** What happened in one stretch of time, and how many polls were held at its end. */
export interface Sample {
  /** When the stretch began, in ms since the epoch. */
  readonly at: number;
  readonly created: number;
  readonly joined: number;
  readonly closed: number;
  readonly heldPolls: number;
}

/** Counts since the process began, and the polls held now. */
export type Totals = Omit<Sample, 'at'>;

export interface HistoryOptions {
  readonly clock: Clock;
  readonly read: () => Promise<Totals>;
  /** Milliseconds of one sample. */
  readonly interval?: number;
  /** Samples that are kept, the running one included. */
  readonly size?: number;
}

/** The last hour of one process, in memory of a fixed size. */
export class History {
  readonly #options: Required<HistoryOptions>;
  readonly #samples: Sample[] = [];
  #last: { readonly at: number; readonly totals: Totals } | null = null;
  #stop: (() => void) | null = null;

  constructor(options: HistoryOptions) {
    this.#options = { interval: 60_000, size: 60, ...options };
  }

  /** Samples that are kept, the running one included. */
  get size(): number {
    return this.#options.size;
  }

  /** Samples until {@link stop}. */
  start(): void {
    const { clock, interval } = this.#options;
    this.#last ??= { at: clock.now(), totals: nothing };
    this.#stop = repeat(clock, interval, () => void this.#sample());
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** The oldest first; the newest is the stretch that has not ended yet. */
  async recent(): Promise<readonly Sample[]> {
    const totals = await this.#options.read();
    return [...this.#samples, this.#since(totals)];
  }

  async #sample(): Promise<void> {
    const totals = await this.#options.read();
    this.#samples.push(this.#since(totals));
    if (this.#samples.length >= this.#options.size) this.#samples.shift();
    this.#last = { at: this.#options.clock.now(), totals };
  }

  #since(totals: Totals): Sample {
    const { at, totals: before } = this.#last ?? { at: this.#options.clock.now(), totals: nothing };
    return {
      at,
      created: totals.created - before.created,
      joined: totals.joined - before.joined,
      closed: totals.closed - before.closed,
      heldPolls: totals.heldPolls,
    };
  }
}

const nothing: Totals = { created: 0, joined: 0, closed: 0, heldPolls: 0 };

/** Reads the totals from what the process counts for Prometheus, so that both say the same. */
export function totalsOf({ registry }: Metrics): () => Promise<Totals> {
  const valuesOf = async (name: string) =>
    (await registry.getSingleMetric(name)?.get())?.values ?? [];
  return async () => {
    const [events, terminated, polls] = await Promise.all([
      valuesOf('sfchat_events_total'),
      valuesOf('sfchat_terminated_chats_total'),
      valuesOf('sfchat_held_polls'),
    ]);
    const event = (name: string): number =>
      events.find(({ labels }) => labels['event'] === name)?.value ?? 0;
    const expired = terminated.find(({ labels }) => labels['step'] === 'expired')?.value ?? 0;
    return {
      created: event('created'),
      joined: event('joined'),
      closed: event('closed') + event('absent') + event('expired') + expired,
      heldPolls: polls[0]?.value ?? 0,
    };
  };
}
