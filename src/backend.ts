import type { Queue } from 'bullmq';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Settings } from '../config/settings.ts';
import type { MakeCounter } from './http/limits.ts';
import type { ChatStore } from './store/chat-store.ts';
import { SqliteChatStore } from './store/sqlite-chat-store.ts';
import { localWakeBus } from './wake/local-wake-bus.ts';
import type { WakeBus } from './wake/wake-bus.ts';

/** What one mode runs on. */
export interface Backend {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly makeCounter: MakeCounter;
  /**
   * Where the termination job is asked for when workers run it; without it, whoever has the backend
   * runs it in its own process (`workers/terminate-chats.ts`).
   */
  readonly termination?: { readonly queue: Queue };
  readonly disconnect: () => Promise<void>;
}

/** The one place that knows which adapters a mode uses, and how to close them. */
export function openBackend(settings: Settings): Promise<Backend> {
  return Promise.resolve(embedded(settings));
}

function embedded({ dataDir }: Settings): Backend {
  const store = new SqliteChatStore({ dataDir });
  const wakeBus = localWakeBus();
  return {
    store,
    wakeBus,
    makeCounter: ({ name, points, seconds }) =>
      new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
    disconnect: async () => {
      await wakeBus.disconnect();
      await store.disconnect();
    },
  };
}
