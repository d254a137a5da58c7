import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import { terminateChats } from './chat/terminate-chats.ts';
import type { AppParts } from './app.ts';
import type { Backend } from './backend.ts';
import { ChatService } from './chat/chat-service.ts';
import { systemClock, type Clock } from './chat/clock.ts';
import { LongPoller } from './chat/long-poller.ts';
import { adminParts, type AdminParts } from './http/admin/admin-parts.ts';
import { describe } from './describe-error.ts';
import { limits, noLimits, type Limits } from './http/limits.ts';
import type { PartState } from './http/ops/ops-routes.ts';
import { createPages } from './http/pages/pages.ts';
import { Metrics } from './http/ops/metrics.ts';
import { timingOf } from './timing.ts';

export interface Surroundings {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly publicDir: string;
  readonly clock?: Clock;
}

export interface Parts extends AppParts {
  readonly longPoller: LongPoller;
  /** Answers what is held, and reports not ready from now on. */
  stop(): void;
}

/** Puts the service together from its settings and a backend; production and tests do it the same way. */
export function assemble(settings: Settings, surroundings: Surroundings): Parts {
  const { backend, logger, publicDir, clock = systemClock } = surroundings;
  const { store, wakeBus } = backend;
  const longPoller = new LongPoller({
    wakeBus,
    clock,
    sleep: settings.longPollingSleep * 1000,
    iterations: settings.longPollingIteration,
  });
  const metrics = new Metrics(() => longPoller.size);
  const timing = timingOf(settings);
  const stopping = new AbortController();
  const admin = adminOf(settings, surroundings, metrics, stopping.signal);

  return {
    service: new ChatService({
      store,
      wakeBus,
      longPoller,
      clock,
      timing,
      onEvent: (event, count) => {
        metrics.countEvent(event, count);
      },
    }),
    longPoller,
    limits: limitsOf(settings, backend, metrics),
    headers: { chatToken: settings.chatTokenHeader, userToken: settings.userTokenHeader },
    messageMaxLength: settings.messageMaxLength,
    pages: createPages({ publicDir, values: pageValues(settings) }),
    metrics,
    metricsToken: settings.metricsToken,
    admin,
    trustProxy: settings.trustProxy,
    logger,
    readiness: async () => ({
      server: stopping.signal.aborted ? 'down' : 'ok',
      storage: await stateOfStore(backend),
      wake: wakeBus.isHealthy() ? 'ok' : 'degraded',
    }),
    stop: () => {
      stopping.abort();
      admin?.history.stop();
      longPoller.stop();
    },
  };
}

function adminOf(
  settings: Settings,
  { backend, logger, clock = systemClock }: Surroundings,
  metrics: Metrics,
  signal: AbortSignal,
): AdminParts | undefined {
  if (settings.adminPassword === undefined) return undefined;
  const { store, wakeBus, makeCounter } = backend;
  return adminParts({
    password: settings.adminPassword,
    store,
    queue: backend.termination?.queue,
    makeCounter: settings.rateLimits ? makeCounter : null,
    metrics,
    clock,
    terminate: async () => {
      const timing = timingOf(settings);
      const report = await terminateChats({ store, wakeBus, clock, timing, signal });
      metrics.observeTermination(report);
      return report;
    },
    onError: (error) => {
      logger.error({ error: describe(error) }, 'termination failed');
    },
  });
}

function limitsOf(settings: Settings, { store, makeCounter }: Backend, metrics: Metrics): Limits {
  if (!settings.rateLimits) return noLimits();
  return limits({
    chatsCreated: settings.limitChatsCreated,
    failedJoins: settings.limitFailedJoins,
    failedAuthentications: settings.limitFailedAuthentications,
    messages: settings.limitMessages,
    heldPollsPerAddress: settings.limitHeldPollsPerAddress,
    heldPolls: settings.limitHeldPolls,
    liveChats: settings.limitLiveChats,
    makeCounter,
    countLiveChats: async () => {
      const { draft, ready } = await store.countByStatus();
      return draft + ready;
    },
    onRefused: (limit) => {
      metrics.countRefusal(limit);
    },
  });
}

const pageValues = (settings: Settings): Record<string, string> => ({
  chatTokenHeader: settings.chatTokenHeader,
  userTokenHeader: settings.userTokenHeader,
  messageMaxLength: String(settings.messageMaxLength),
});

async function stateOfStore({ store }: Backend): Promise<PartState> {
  try {
    await store.ping();
    return 'ok';
  } catch {
    return 'down';
  }
}
