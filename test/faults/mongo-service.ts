import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pino } from 'pino';
import { readSettings } from '../../config/settings.ts';
import { createApp } from '../../src/app.ts';
import type { Backend } from '../../src/backend.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import { createCounterInMemory } from '../../src/chat/counter.ts';
import { compose } from '../../src/compose.ts';
import { createLocalWakeBus } from '../../src/embedded/local-wake-bus.ts';
import { runHere } from '../../src/embedded/run-here.ts';
import { createExpiringValuesInMemory } from '../../src/embedded/expiring-values.ts';
import { createTerminationLogInMemory } from '../../src/embedded/termination-log.ts';
import { createTypingInMemory } from '../../src/embedded/typing.ts';

export interface Web {
  /** Where each of the two web servers listens. */
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/**
 * Two web servers over one database, as two processes would be: each has a store of its own, and a
 * wake-up of one reaches the other. Polls check again every 200 ms and are held for two seconds.
 */
export async function startWeb(stores: readonly ChatStore[]): Promise<Web> {
  const settings = readSettings({
    LONG_POLLING_SLEEP: '0.2',
    LONG_POLLING_ITERATION: '10',
    RATE_LIMITS: 'off',
  });
  const wakeBus = createLocalWakeBus();
  const typing = createTypingInMemory();
  const running = stores.map(async (store) => {
    const backend: Backend = {
      store,
      wakeBus,
      typing,
      expiringValues: createExpiringValuesInMemory(),
      makeCounter: createCounterInMemory,
      terminationLog: createTerminationLogInMemory(),
      pingWake: () => Promise.resolve(),
      runTermination: runHere,
      disconnect: () => store.disconnect(),
    };
    // What is not answered by a 2xx or a 503 fails a test; this says why.
    const logger = pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
    const parts = await compose(settings, { backend, logger, publicDir: path.resolve('public') });
    const server = createHttpServer(createApp(parts.app));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, parts, server };
  });
  const webs = await Promise.all(running);
  return {
    urls: webs.map(({ url }) => url),
    close: async () => {
      for (const { parts, server } of webs) {
        parts.stop();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
