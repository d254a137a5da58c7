import type { Settings } from '../config/settings.ts';
import type { Backend } from './backend.ts';
import type { ChatService } from './chat/chat-service.ts';
import type { Clock } from './chat/clock.ts';
import type { ConnectionLimits } from './http/connection-limits.ts';
import { HeldCounts } from './http/held-counts.ts';
import { createLimits, noLimits, type Limits } from './http/limits.ts';
import type { Metrics } from './http/ops/metrics.ts';
import type { Capacities } from './http/ops/service-gauges.ts';

const BYTES_PER_MEGABYTE = 1_000_000;

/** What clients hold in this process now, by address prefix. */
export interface Held {
  readonly polls: HeldCounts;
  readonly connections: HeldCounts;
}

export const countHeld = (): Held => ({ polls: new HeldCounts(), connections: new HeldCounts() });

/** What there may be at once; nothing where nothing is limited. */
export const capacitiesOf = (settings: Settings, mostConnections = Infinity): Capacities =>
  settings.rateLimits
    ? {
        held_polls: settings.limitHeldPolls,
        held_polls_per_address: settings.limitHeldPollsPerAddress,
        // Whoever comes later than files can be opened would be refused without a word, and so would the disk.
        connections: Math.min(settings.limitConnections, mostConnections),
        connections_per_address: settings.limitConnectionsPerAddress,
        live_chats: settings.limitLiveChats,
        stored_bytes: settings.limitStoredMegabytes * BYTES_PER_MEGABYTE,
      }
    : {};

interface LimitSurroundings {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly service: ChatService;
  readonly held: Held;
}

/** Every limit of the settings, or none. */
export function composeLimits(
  settings: Settings,
  { backend, clock, metrics, service, held }: LimitSurroundings,
): Limits {
  if (!settings.rateLimits) return noLimits();
  return createLimits({
    chatsCreated: settings.limitChatsCreated,
    failedJoins: settings.limitFailedJoins,
    failedAuthentications: settings.limitFailedAuthentications,
    messages: settings.limitMessages,
    signals: settings.limitSignals,
    read: settings.limitRead,
    heldPollsPerAddress: settings.limitHeldPollsPerAddress,
    heldPolls: settings.limitHeldPolls,
    polls: held.polls,
    liveChats: settings.limitLiveChats,
    storedBytes: settings.limitStoredMegabytes * BYTES_PER_MEGABYTE,
    clock,
    makeCounter: backend.makeCounter,
    makeRoom: () => service.makeRoom(),
    countStoredBytes: () => backend.store.storedBytes(),
    countLiveChats: async () => {
      const { draft, ready } = await backend.store.countByStatus();
      return draft + ready;
    },
    onRefused: (limit) => {
      metrics.countRefusal(limit);
    },
  });
}

/** Without limits connections are counted all the same: an operator asks how many there are. */
export const connectionLimits = (
  capacities: Capacities,
  { connections }: Held,
  metrics: Metrics,
): ConnectionLimits => ({
  perAddress: capacities.connections_per_address ?? Infinity,
  inAll: capacities.connections ?? Infinity,
  open: connections,
  onRefused: (limit) => {
    metrics.countRefusal(limit);
  },
});
