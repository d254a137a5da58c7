import { Gauge, type Registry } from 'prom-client';
import { statuses } from '../../protocol.ts';
import type { LimitName } from '../limit-names.ts';
import { latencyParts, type VitalSignsSource } from './vital-signs.ts';

/** What there may be at once, of what is limited. */
export type Capacities = Readonly<Partial<Record<LimitName, number>>>;

/** What is known of the service besides what happens in it. */
export interface ServiceFacts extends VitalSignsSource {
  readonly version: string;
  readonly mode: string;
  /** Whether workers run the termination job, and not this process. */
  readonly hasWorkers: boolean;
  /** What there may be at once; nothing where nothing is limited. */
  readonly capacities: Capacities;
}

const states = ['ok', 'degraded', 'down'] as const;

/** What is not known now is a gap in a graph, and no zero. */
const UNKNOWN = NaN;

/** Adds the gauges that say how the service is. All their labels are there from the first scrape on. */
export function serviceGauges(registry: Registry, facts: ServiceFacts): void {
  fixedGauges(registry, facts);
  partGauges(registry, facts);
  terminationGauges(registry, facts);
  gauge(registry, 'sfchat_chats', 'Chats by status, as stored', ['status'], async (set) => {
    const { chats } = await facts.look();
    for (const status of statuses) set(chats?.[status] ?? UNKNOWN, { status });
  });
  const storedHelp = 'Bytes of the messages that wait to be fetched, as the limit counts them';
  gauge(registry, 'sfchat_stored_bytes', storedHelp, [], async (set) => {
    set((await facts.look()).storedBytes ?? UNKNOWN);
  });
}

function fixedGauges(registry: Registry, { version, mode, capacities }: ServiceFacts): void {
  const labels = ['version', 'mode', 'node'];
  gauge(registry, 'sfchat_build_info', 'What runs here; always 1', labels, (set) => {
    set(1, { version, mode, node: process.version });
  });
  gauge(registry, 'sfchat_capacity', 'Limits of what there may be at once', ['limit'], (set) => {
    for (const [limit, capacity] of Object.entries(capacities)) set(capacity, { limit });
  });
}

function partGauges(registry: Registry, { look, hasWorkers }: ServiceFacts): void {
  const help = 'State of each part: 1 for the state that it is in, 0 for the others';
  const parts = ['server', 'storage', 'wake', ...(hasWorkers ? ['worker'] : [])];
  gauge(registry, 'sfchat_part_state', help, ['part', 'state'], async (set) => {
    const signs = await look();
    for (const part of parts) {
      for (const state of states) set(signs.parts[part] === state ? 1 : 0, { part, state });
    }
  });
  const latencyHelp = 'Seconds until a part answered just now';
  gauge(registry, 'sfchat_part_latency_seconds', latencyHelp, ['part'], async (set) => {
    const { latency } = await look();
    for (const part of latencyParts) set(latency[part] ?? UNKNOWN, { part });
  });
}

function terminationGauges(registry: Registry, { look, hasWorkers }: ServiceFacts): void {
  const seconds = (time: number | null | undefined): number => (time ?? 0) / 1000;
  const finished = 'sfchat_last_termination_timestamp_seconds';
  gauge(
    registry,
    finished,
    'When the termination job finished last; 0: not yet',
    [],
    async (set) => {
      const { termination } = await look();
      set(termination === null ? UNKNOWN : seconds(termination.lastRun?.at));
    },
  );
  const duration = 'sfchat_last_termination_duration_seconds';
  gauge(registry, duration, 'How long its last run took', [], async (set) => {
    const { termination } = await look();
    set(termination === null ? UNKNOWN : seconds(termination.lastRun?.milliseconds));
  });
  if (!hasWorkers) return;
  const seen = 'sfchat_worker_heartbeat_timestamp_seconds';
  gauge(registry, seen, 'The last sign of life of a worker; 0: none', [], async (set) => {
    const { termination } = await look();
    set(termination === null ? UNKNOWN : seconds(termination.workerSeenAt));
  });
}

type Set = (value: number, labels?: Record<string, string>) => void;

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  collect: (set: Set) => void | Promise<void>,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      return collect((value, labels = {}) => {
        this.set(labels, value);
      });
    },
  });
}
