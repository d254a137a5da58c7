/** What a process had at one moment, by the name of the line in the plot; `seconds` since the beginning. */
export type Sample = { readonly seconds: number } & Readonly<Record<string, number>>;

/** Bytes in MiB, to a tenth. */
const mebibytes = (bytes: number): number => Math.round((bytes / 1024 / 1024) * 10) / 10;

/** The value of a series without labels in the Prometheus text. Throws when there is none. */
function valueOf(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics has no ${name}`);
  return Number(value);
}

export interface Measured {
  readonly seconds: number;
  /** What `/metrics` answered. */
  readonly metrics: string;
  /** Bytes of each file of the database. */
  readonly fileSizes: readonly number[];
}

export const sampleOf = ({ seconds, metrics, fileSizes }: Measured): Sample => ({
  seconds,
  'memory (MiB)': mebibytes(valueOf(metrics, 'process_resident_memory_bytes')),
  'heap (MiB)': mebibytes(valueOf(metrics, 'nodejs_heap_size_used_bytes')),
  'open files': valueOf(metrics, 'process_open_fds'),
  'handles and timers': valueOf(metrics, 'nodejs_active_resources_total'),
  'held polls': valueOf(metrics, 'sfchat_held_polls'),
  connections: valueOf(metrics, 'sfchat_connections'),
  'files on disk (MiB)': mebibytes(fileSizes.reduce((sum, size) => sum + size, 0)),
});
