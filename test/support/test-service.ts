import type { Server } from 'node:http';
import path from 'node:path';
import { pino, type Logger } from 'pino';
import { readSettings, type Settings } from '../../config/settings.ts';
import { createApp, upgradesOf } from '../../src/app.ts';
import { openBackend, type Backend } from '../../src/backend.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { compose, type Composition } from '../../src/compose.ts';
import type { Timing } from '../../src/chat/chat.ts';
import { eventually } from './eventually.ts';
import { ManualClock } from './manual-clock.ts';
import { TestClient } from './test-client.ts';

export interface TestServiceOptions {
  /** Environment variables that differ from the defaults. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Replaces pieces of the backend, such as a store that fails. */
  readonly adapt?: (backend: Backend) => Partial<Backend>;
  readonly clock?: ManualClock;
  readonly logger?: Logger;
  /** Where the pages and the built assets are; as a rule those of the repository. */
  readonly publicDir?: string;
}

/** The whole service as production puts it together, over a store in memory and a manual clock. */
export interface TestService {
  readonly client: TestClient;
  readonly clock: ManualClock;
  readonly parts: Composition;
  readonly backend: Backend;
  readonly settings: Settings;
  readonly timing: Timing;
  readonly server: Server;
  /** Resolves when so many polls are held, each waiting for its next check. */
  readonly held: (count: number) => Promise<void>;
  close(): Promise<void>;
}

export async function startService(options: TestServiceOptions = {}): Promise<TestService> {
  const { environment = {}, adapt, clock = new ManualClock() } = options;
  const { logger = pino({ level: 'silent' }), publicDir = path.resolve('public') } = options;
  const settings = readSettings({ DATA_DIR: ':memory:', ...environment });
  const opened = await openBackend(settings, logger);
  const backend = { ...opened, ...adapt?.(opened) };
  const parts = await compose(settings, { backend, logger, publicDir, clock });
  const server = createHttpServer(createApp(parts.app), {
    upgrades: upgradesOf(parts.app),
    connections: parts.connections,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    client: new TestClient(server),
    clock,
    parts,
    backend,
    settings,
    timing: settings,
    server,
    held: (count) =>
      eventually(
        () => parts.longPoller.size() === count && parts.longPoller.waiting() === count,
        `${count} polls are held`,
      ),
    close: async () => {
      parts.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await backend.disconnect();
    },
  };
}

/**
 * One service for the tests of a file, as a function, because it only starts when they do. Each
 * test makes its own chats in it.
 */
export function useService(options: TestServiceOptions = {}): () => TestService {
  let service: TestService | undefined;
  beforeAll(async () => {
    service = await startService(options);
  });
  afterAll(() => service?.close());
  return () => {
    if (service === undefined) throw new Error('The service has not started');
    return service;
  };
}

/** A new service for each test of a block, for tests that move its clock. */
export function useFreshService(options: TestServiceOptions = {}): () => TestService {
  let service: TestService | undefined;
  beforeEach(async () => {
    service = await startService(options);
  });
  afterEach(() => service?.close());
  return () => {
    if (service === undefined) throw new Error('The service has not started');
    return service;
  };
}
