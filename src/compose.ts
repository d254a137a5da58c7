import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import type { AppOptions } from './app.ts';
import type { Backend } from './backend.ts';
import {
  capacitiesOf,
  composeLimits,
  connectionLimits,
  countHeld,
  type Held,
} from './compose-limits.ts';
import type { ConnectionLimits } from './http/connection-limits.ts';
import { composeTermination, type TerminationSurroundings } from './compose-termination.ts';
import { createChatService } from './chat/chat-service.ts';
import { systemClock, type Clock } from './chat/clock.ts';
import { createLongPoller, type LongPoller } from './chat/long-poller.ts';
import type { Terminate } from './chat/termination-run.ts';
import { openGateways } from './gateways/open.ts';
import type { Administration } from './http/admin/administration.ts';
import { History, totalsOf } from './http/admin/history.ts';
import { Metrics } from './http/ops/metrics.ts';
import type { PartState, Readiness } from './http/ops/ops-routes.ts';
import type { ServiceFacts } from './http/ops/service-gauges.ts';
import { createVitalSigns, soon, type VitalSignsSource } from './http/ops/vital-signs.ts';
import { createPages } from './http/pages/pages.ts';

export interface Surroundings {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly publicDir: string;
  /** Of the product, for those who run it. */
  readonly version?: string;
  /** As many connections as the process can have at once. */
  readonly mostConnections?: number;
  readonly clock?: Clock;
}

/** The service, put together. */
export interface Composition {
  /** What `createApp` takes. */
  readonly app: AppOptions;
  /** What `createHttpServer` takes, besides. */
  readonly connections: ConnectionLimits;
  readonly longPoller: LongPoller;
  readonly metrics: Metrics;
  readonly terminate: Terminate;
  /** Answers what is held, and reports not ready from now on. */
  readonly stop: () => void;
}

/** Puts the service together from its settings and a backend; production and tests do it the same way. */
export async function compose(
  settings: Settings,
  surroundings: Surroundings,
): Promise<Composition> {
  const { backend, logger, publicDir, clock = systemClock } = surroundings;
  const held = countHeld();
  const longPoller = composeLongPoller(settings, backend, clock);
  const metrics = composeMetrics(longPoller, held);
  const service = createChatService({
    ...backend,
    longPoller,
    clock,
    timing: settings,
    absenceCloseAfterMs: settings.absenceCloseAfterMs,
    ...countedBy(metrics),
  });
  const stopping = new AbortController();
  const readiness = readinessOf(backend, stopping.signal);
  const facts = factsOf(settings, surroundings, signsOf(backend, readiness, clock));
  metrics.describeService(facts);
  const shared = { backend, logger, clock, metrics };
  const terminate = composeTermination(settings, shared);
  const admin = await composeAdmin(settings, { ...shared, terminate, facts, longPoller, held });
  const talking = {
    service,
    limits: composeLimits(settings, { ...shared, service, held }),
    headers: { chatToken: settings.chatTokenHeader, userToken: settings.userTokenHeader },
    messageMaxLength: settings.messageMaxLength,
    logger,
  };
  const gateways = await openGateways(settings.gateways ?? [], {
    ...talking,
    expiringValues: backend.expiringValues,
    clock,
  });

  return {
    app: {
      ...talking,
      pages: composePages(settings, publicDir),
      metrics,
      metricsToken: settings.metricsToken,
      admin,
      gateways: gateways.open,
      trustProxy: settings.trustProxy,
      readiness,
    },
    connections: connectionLimits(facts.capacities, held, metrics),
    longPoller,
    metrics,
    terminate,
    stop: () => {
      stopping.abort();
      admin?.stop();
      gateways.stop();
      service.stopReceiving();
    },
  };
}

const composeLongPoller = (settings: Settings, { wakeBus }: Backend, clock: Clock): LongPoller =>
  createLongPoller({
    wakeBus,
    clock,
    sleepMs: settings.longPollingSleepMs,
    iterations: settings.longPollingIteration,
  });

const composeMetrics = (longPoller: LongPoller, { connections }: Held): Metrics =>
  new Metrics({ heldPolls: () => longPoller.size(), connections: () => connections.total });

/** What the service tells whoever counts. */
const countedBy = (metrics: Metrics) => ({
  onEvent: metrics.countEvent.bind(metrics),
  onDelivered: (milliseconds: number) => {
    metrics.observeDelivery(milliseconds / 1000);
  },
});

interface AdminSurroundings extends TerminationSurroundings {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly terminate: Terminate;
  readonly facts: ServiceFacts;
  readonly longPoller: LongPoller;
  readonly held: Held;
}

async function composeAdmin(
  settings: Settings,
  { backend, logger, clock, metrics, terminate, facts, longPoller, held }: AdminSurroundings,
): Promise<Administration | undefined> {
  const { adminPassword: password, rateLimits } = settings;
  if (password === undefined) return undefined;
  const history = new History({ clock, read: totalsOf(metrics) });
  history.start();
  const stopWatching = facts.watch();
  return {
    password,
    facts,
    startedAt: clock.now(),
    usage: () => ({
      held_polls: longPoller.size(),
      held_polls_per_address: held.polls.most(),
      connections: held.connections.total,
      connections_per_address: held.connections.most(),
    }),
    store: backend.store,
    history,
    stop: () => {
      history.stop();
      stopWatching();
    },
    runTermination: backend.runTermination(terminate, {
      clock,
      onError: (error) => {
        logger.error({ error }, 'termination failed');
      },
    }),
    board: await composeBoard(backend),
    makeCounter: rateLimits ? backend.makeCounter : null,
  };
}

/** The board of the workers' queue is loaded only where there is a queue. */
async function composeBoard({ openQueue }: Backend) {
  if (openQueue === undefined) return undefined;
  const { createQueueBoard } = await import('./http/admin/queue-board.ts');
  return createQueueBoard(openQueue());
}

const readinessOf =
  ({ store, wakeBus }: Backend, stopping: AbortSignal): Readiness =>
  async () => ({
    server: stopping.aborted ? 'down' : 'ok',
    // A storage so slow that even its state is not known in time is down for whoever waits for it.
    storage: (await soon(() => store.ping().then((): PartState => 'ok'))) ?? 'down',
    wake: wakeBus.isHealthy() ? 'ok' : 'degraded',
  });

const factsOf = (
  settings: Settings,
  { backend, version = 'development', mostConnections }: Surroundings,
  signs: VitalSignsSource,
): ServiceFacts => ({
  version,
  mode: settings.mode,
  hasWorkers: backend.work !== undefined,
  capacities: capacitiesOf(settings, mostConnections),
  ...signs,
});

const signsOf = (backend: Backend, readiness: Readiness, clock: Clock) =>
  createVitalSigns({
    clock,
    readiness,
    pingStorage: () => backend.store.ping(),
    pingWake: backend.pingWake,
    countByStatus: () => backend.store.countByStatus(),
    countStoredBytes: () => backend.store.storedBytes(),
    readTermination: () => backend.terminationLog.read(),
  });

const composePages = (settings: Settings, publicDir: string) =>
  createPages({
    publicDir,
    values: pageValues(settings),
    hasAnalytics: settings.analyticsId !== undefined,
  });

/** What the pages say of this server. */
const pageValues = (settings: Settings): Record<string, string> => ({
  chatTokenHeader: settings.chatTokenHeader,
  userTokenHeader: settings.userTokenHeader,
  messageMaxLength: String(settings.messageMaxLength),
  analyticsId: settings.analyticsId ?? '',
});
