import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../chat/clock.ts';
import { repeat } from '../../chat/repeat.ts';
import type { TerminationState } from '../../chat/termination-log.ts';
import type { Status } from '../../protocol.ts';
import type { PartState, Readiness } from './ops-routes.ts';
import { rememberTrouble, type Trouble } from './troubles.ts';

/** Milliseconds that a look at one part may take: a scrape does not wait for what hangs. */
const PATIENCE_MS = 2000;

/** Milliseconds for which one look serves everybody who asks. */
const AGE_MS = 1000;

/** Milliseconds between two looks of whoever watches. */
const WATCH_MS = 5000;

/** Milliseconds without a sign of life after which nobody counts on a worker; it gives one every five seconds. */
const WORKER_LOST_MS = 30_000;

/** How the service is, as far as this process can tell. `null`: not known now. */
export interface VitalSigns {
  /** When somebody looked, in ms since the epoch. */
  readonly at: number;
  readonly parts: Readonly<Record<string, PartState>>;
  /** Seconds until each part answered. */
  readonly latency: Readonly<Record<LatencyPart, number | null>>;
  readonly chats: Readonly<Record<Status, number>> | null;
  /** Bytes of the messages that wait to be fetched, as the limit counts them. */
  readonly storedBytes: number | null;
  readonly termination: TerminationState | null;
  /** `null`: nobody has seen any since this process began. */
  readonly trouble: Trouble | null;
}

export const latencyParts = ['storage', 'wake'] as const;
export type LatencyPart = (typeof latencyParts)[number];

export interface VitalSources {
  readonly clock: Clock;
  /** Looks in time, as {@link soon} does. */
  readonly readiness: Readiness;
  readonly pingStorage: () => Promise<void>;
  readonly pingWake: () => Promise<void>;
  readonly countByStatus: () => Promise<Record<Status, number>>;
  readonly countStoredBytes: () => Promise<number>;
  readonly readTermination: () => Promise<TerminationState>;
}

export interface VitalSignsSource {
  /** Looks when it is asked, at every part at once. Never rejects. */
  readonly look: () => Promise<VitalSigns>;
  /**
   * Looks at the parts now and then, so that a trouble is remembered that nobody has asked about; gives how to stop.
   * Costs a question to the storage and one to where workers leave their signs.
   */
  readonly watch: () => () => void;
}

/** Costs nothing while nobody asks or watches. */
export function createVitalSigns(sources: VitalSources): VitalSignsSource {
  let latest: { readonly from: number; readonly signs: Promise<VitalSigns> } | null = null;
  const troubleAt = rememberTrouble();
  const lookAgain = async (): Promise<VitalSigns> => {
    const signs = await look(sources);
    return { ...signs, trouble: troubleAt(signs.at, signs.parts) };
  };
  const glance = async (): Promise<void> => {
    const { at, parts } = await lookAtParts(sources);
    troubleAt(at, parts);
  };
  return {
    look: () => {
      const now = performance.now();
      if (latest === null || now - latest.from >= AGE_MS) {
        latest = { from: now, signs: lookAgain() };
      }
      return latest.signs;
    },
    watch: () => repeat(sources.clock, WATCH_MS, () => void glance()),
  };
}

async function look(sources: VitalSources): Promise<Omit<VitalSigns, 'trouble'>> {
  const [signs, storage, wake, chats, storedBytes] = await Promise.all([
    lookAtParts(sources),
    timed(sources.pingStorage),
    timed(sources.pingWake),
    soon(sources.countByStatus),
    soon(sources.countStoredBytes),
  ]);
  return { ...signs, latency: { storage, wake }, chats, storedBytes };
}

async function lookAtParts(
  sources: VitalSources,
): Promise<Pick<VitalSigns, 'at' | 'parts' | 'termination'>> {
  const [parts, termination] = await Promise.all([
    sources.readiness(),
    soon(sources.readTermination),
  ]);
  const at = sources.clock.now();
  return { at, parts: { ...parts, ...workerPart(termination, at) }, termination };
}

/** Where there are workers: whether one lives. Without one the service goes on, and forgets nothing. */
function workerPart(termination: TerminationState | null, now: number): { worker?: PartState } {
  // Not known: as it is with the bus through which a worker would be heard of.
  if (termination === null) return { worker: 'degraded' };
  const { workerSeenAt } = termination;
  if (workerSeenAt === undefined) return {};
  const isLost = workerSeenAt === null || now - workerSeenAt > WORKER_LOST_MS;
  return { worker: isLost ? 'down' : 'ok' };
}

/** What a source says within the time limit; `null` when it does not, or fails. */
export async function soon<Result>(source: () => Promise<Result>): Promise<Result | null> {
  const giveUp = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: giveUp.signal, ref: false });
  try {
    return await Promise.race([source(), late]);
  } catch {
    return null;
  } finally {
    late.catch(() => undefined);
    giveUp.abort();
  }
}

async function timed(source: () => Promise<void>): Promise<number | null> {
  const begun = performance.now();
  const answered = await soon(async () => {
    await source();
    return true;
  });
  return answered === null ? null : (performance.now() - begun) / 1000;
}
