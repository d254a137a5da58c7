import path from 'node:path';
import type { Logger } from 'pino';
import { readSettings } from '../config/settings.ts';
import { createApp, upgradesOf } from './app.ts';
import { openBackend, type Backend } from './backend.ts';
import { systemClock } from './chat/clock.ts';
import { createOperations } from './chat/operations.ts';
import type { Terminate } from './chat/termination-run.ts';
import { compose } from './compose.ts';
import { atMostEvery } from './http/at-most-every.ts';
import { createHttpServer } from './http/http-server.ts';
import { createDrain } from './process/drain.ts';
import { listen } from './process/listen.ts';
import { createLogger } from './process/logger.ts';
import { mostConnections } from './process/open-files.ts';
import { productVersion, projectRoot } from './process/project-root.ts';
import { aborted, messageOf, runProcess } from './process/run-process.ts';

/** Milliseconds for requests under way when the server is told to stop. */
const DRAIN_TIMEOUT_MS = 10_000;

/** Milliseconds between two log lines about connections and answers that failed. */
const ERROR_LOG_INTERVAL_MS = 5000;

/** `npm start`: serves until it is told to stop, and then answers what it holds. */
await runProcess(serve, (error) => `SFChat cannot start: ${messageOf(error)}`);

async function serve(signal: AbortSignal): Promise<void> {
  const settings = readSettings();
  const logger = createLogger(settings.logLevel, `web-${settings.port}`);
  const backend = await openBackend(settings, logger);
  const publicDir = path.join(projectRoot(), 'public');
  const version = productVersion();
  const surroundings = {
    backend,
    logger,
    publicDir,
    version,
    mostConnections: mostConnections(),
  };
  const { app, connections, metrics, terminate, stop } = await compose(settings, surroundings);
  metrics.collectProcess();
  const onError = atMostEvery(ERROR_LOG_INTERVAL_MS, (error: Error) => {
    logger.error({ error }, 'a connection or an answer failed');
  });
  const server = createHttpServer(createApp(app), {
    onError,
    upgrades: upgradesOf(app),
    connections,
  });
  const drain = createDrain(server);
  const url = await listen(server, settings);
  const stopTermination = backend.scheduleTermination?.(terminate, {
    schedule: settings.terminationSchedule,
    onError: (error) => {
      logger.error({ error }, 'termination failed');
    },
  });
  const stopOperators = await answerOperators(backend, terminate, logger);
  logger.info({ url, mode: settings.mode, version, node: process.version }, 'SFChat is ready');

  await aborted(signal);
  logger.info('stopping');
  stop();
  stopOperators();
  await Promise.all([stopTermination?.(), drain(DRAIN_TIMEOUT_MS)]);
  await backend.disconnect();
  logger.info('stopped');
}

/** A server that the shell cannot reach serves all the same. */
async function answerOperators(
  backend: Backend,
  terminate: Terminate,
  logger: Logger,
): Promise<() => void> {
  try {
    const operations = createOperations({ ...backend, clock: systemClock, terminate });
    return (await backend.answerOperators?.(operations)) ?? (() => undefined);
  } catch (error) {
    logger.warn({ error }, 'npm run terminate cannot reach this server');
    return () => undefined;
  }
}
