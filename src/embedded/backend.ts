import type { Settings } from '../../config/settings.ts';
import { createCounterInMemory, type Budget } from '../chat/counter.ts';
import type { Operations } from '../chat/operations.ts';
import type { Terminate } from '../chat/termination-run.ts';
import { createExpiringValuesInMemory } from './expiring-values.ts';
import { openChatStore } from './embedded-chat-store.ts';
import { createLocalWakeBus } from './local-wake-bus.ts';
import type { HearOfDisk } from './journal/journal.ts';
import { answerOperators } from './operators/answer-operators.ts';
import { runHere } from './run-here.ts';
import { createTerminationLogInMemory } from './termination-log.ts';
import { runOnSchedule } from './timer.ts';
import { createTypingInMemory } from './typing.ts';

/**
 * What the embedded mode runs on: one process with everything in it, and a file.
 *
 * @param onDisk hears when nothing can be stored any more, and when it can again
 * @throws Error that names `DATA_DIR` when the directory cannot be used
 */
export async function openEmbedded({ dataDir }: Pick<Settings, 'dataDir'>, onDisk?: HearOfDisk) {
  const store = await openChatStore({ dataDir, ...(onDisk && { onDisk }) }).catch(
    (error: unknown) => {
      // Names the setting that somebody has to look at.
      throw new Error(`DATA_DIR ${dataDir} cannot be used`, { cause: error });
    },
  );
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
    answerOperators: async (operations: Operations) =>
      dataDir === ':memory:' ? () => undefined : answerOperators(dataDir, operations),
    disconnect: async () => {
      await wakeBus.disconnect();
      await store.disconnect();
    },
  };
}
