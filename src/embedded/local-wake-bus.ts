import type { UserId } from '../chat/chat.ts';
import type { WakeBus } from '../chat/wake-bus.ts';

/** Wake-ups within one process. */
export function createLocalWakeBus(): WakeBus {
  const listeners = new Map<UserId, Set<() => void>>();

  const stopListening = (userId: UserId, onWake: () => void): void => {
    const all = listeners.get(userId);
    if (all?.delete(onWake) === true && all.size === 0) listeners.delete(userId);
  };

  return {
    listen: (userId, onWake) => {
      const all = listeners.get(userId) ?? new Set();
      listeners.set(userId, all.add(onWake));
      return Promise.resolve(() => {
        stopListening(userId, onWake);
      });
    },
    wake: (userId) => {
      // A copy: a listener may stop listening while it is being told.
      for (const onWake of [...(listeners.get(userId) ?? [])]) onWake();
    },
    isHealthy: () => true,
    disconnect: () => {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
