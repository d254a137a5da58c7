import type { Settings } from '../../config/settings.ts';
import { createCounterInMemory, type Budget } from '../chat/counter.ts';
import type { Terminate } from '../chat/termination-run.ts';
import { lockDirectory } from './directory-lock.ts';
import { createExpiringValuesInMemory } from './expiring-values.ts';
import { createLocalWakeBus } from './local-wake-bus.ts';
import { runHere } from './run-here.ts';
import { createSqliteChatStore } from './sqlite-chat-store.ts';
import { createTerminationLogInMemory } from './termination-log.ts';
import { runOnSchedule } from './timer.ts';
import { createTypingInMemory } from './typing.ts';

/**
 * What the embedded mode runs on: one process with everything in it, and a file.
 *
 * @throws Error that names `DATA_DIR` when the directory cannot be used
 */
export function openEmbedded({ dataDir }: Pick<Settings, 'dataDir'>) {
  const store = explained(dataDir, () => createSqliteChatStore({ dataDir }));
  const wakeBus = createLocalWakeBus();
  return {
    store,
    wakeBus,
    typing: createTypingInMemory(),
    expiringValues: createExpiringValuesInMemory(),
    makeCounter: (budget: Budget) => createCounterInMemory(budget),
    terminationLog: createTerminationLogInMemory(),
    // A function call.
    pingWake: () => Promise.resolve(),
    runTermination: runHere,
    scheduleTermination: (
      terminate: Terminate,
      options: { readonly schedule: string; readonly onError: (error: unknown) => void },
    ) => runOnSchedule(options.schedule, (signal) => terminate({ signal }), options.onError),
    serveAlone: () => {
      if (dataDir === ':memory:') return;
      explained(dataDir, () => {
        lockDirectory(dataDir);
      });
    },
    disconnect: async () => {
      await wakeBus.disconnect();
      await store.disconnect();
    },
  };
}

/** Names the setting that somebody has to look at. */
function explained<Result>(dataDir: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw new Error(`DATA_DIR ${dataDir} cannot be used`, { cause: error });
  }
}
