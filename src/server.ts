import cluster from 'node:cluster';
import type { Server } from 'node:http';
import path from 'node:path';
import type { Logger } from 'pino';
import { readSettings, SettingsError, type Settings } from '../config/settings.ts';
import { terminateChats } from './chat/terminate-chats.ts';
import { runOnSchedule } from './embedded/timer.ts';
import { createApp } from './app.ts';
import { clusterMetrics } from './cluster-metrics.ts';
import { openBackend, type Backend } from './backend.ts';
import { systemClock } from './chat/clock.ts';
import { describe } from './describe-error.ts';
import { createHttpServer } from './http/http-server.ts';
import { createLogger } from './process/logger.ts';
import { assemble, type Parts } from './compose.ts';
import { timingOf } from './timing.ts';
import { projectRoot } from './process/project-root.ts';
import { superviseWebProcesses } from './supervisor.ts';

/** Milliseconds for requests under way when the process is told to stop. */
const DRAIN_TIMEOUT = 10_000;

/** Milliseconds between looks for connections that have nothing more to do. */
const IDLE_CHECK_INTERVAL = 50;

try {
  const settings = readSettings();
  if (settings.webConcurrency > 1 && cluster.isPrimary) supervise(settings);
  else await start(settings);
} catch (error) {
  process.stderr.write(`${startError(error)}\n`);
  process.exitCode = 1;
}

function startError(error: unknown): string {
  if (error instanceof SettingsError) return error.mistakes.join('\n');
  return `SFChat cannot start: ${error instanceof Error ? error.message : String(error)}`;
}

function supervise({ webConcurrency, logLevel }: Settings): void {
  superviseWebProcesses({ count: webConcurrency, logger: createLogger(logLevel) });
}

async function start(settings: Settings): Promise<void> {
  const logger = createLogger(settings.logLevel);
  const backend = await openBackend(settings, logger);
  backend.serveAlone?.();
  const publicDir = path.join(projectRoot(), 'public');
  const parts = assemble(settings, { backend, logger, publicDir });
  parts.metrics.collectProcess();
  if (cluster.isWorker) parts.metrics.text = clusterMetrics(parts.metrics.registry);
  const server = createHttpServer(createApp(parts));
  const stopTimer = scheduleTermination(settings, backend, parts, logger);

  server.once('error', (error) => {
    logger.fatal({ error: describe(error) }, 'cannot listen');
    process.stderr.write(
      `SFChat cannot listen on ${settings.host}:${settings.port}: ${error.message}\n`,
    );
    process.exit(1);
  });
  server.listen(settings.port, settings.host, () => {
    announce(server, settings, logger);
  });
  onStopSignal(async () => {
    logger.info('stopping');
    parts.stop();
    await Promise.all([stopTimer(), drain(server)]);
    await backend.disconnect();
    logger.info('stopped');
  });
}

/** Runs the termination job in this process, unless there are workers for it. */
function scheduleTermination(
  settings: Settings,
  { store, wakeBus, termination }: Backend,
  { metrics }: Parts,
  logger: Logger,
): () => Promise<void> {
  if (termination !== undefined) return () => Promise.resolve();
  const timing = timingOf(settings);
  return runOnSchedule(
    settings.terminationSchedule,
    async (signal) => {
      const report = await terminateChats({ store, wakeBus, timing, signal, clock: systemClock });
      metrics.observeTermination(report);
      if (report.expired + report.removed > 0) logger.info(report, 'terminated chats');
    },
    (error) => {
      logger.error({ error: describe(error) }, 'termination failed');
    },
  );
}

function announce(server: Server, settings: Settings, logger: Logger): void {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  logger.info(
    { url: `http://${host}:${port}`, mode: settings.mode, node: process.version },
    'SFChat is ready',
  );
}

/** Lets requests under way finish; connections that only wait for another one are closed. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_INTERVAL);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, DRAIN_TIMEOUT);
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}

function onStopSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const handle = (): void => {
    if (isStopping) {
      // A second signal is somebody who does not want to wait. Under a supervisor it is only the same
      // wish once more: a terminal and systemd send it to every process, and the supervisor does, too.
      if (cluster.isPrimary) process.exit(1);
      return;
    }
    isStopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`SFChat did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
}
