import type { UserId } from '../chat/chat.ts';
import type { Changes, WakeBus } from '../chat/wake-bus.ts';

type Listener = (changes: Changes) => void;

/** Wake-ups within one process. */
export function createLocalWakeBus(): WakeBus {
  const listeners = new Map<UserId, Set<Listener>>();

  const stopListening = (userId: UserId, onWake: Listener): void => {
    const all = listeners.get(userId);
    if (all?.delete(onWake) === true && all.size === 0) listeners.delete(userId);
  };

  return {
    listen: (userId, onWake) => {
      const all = listeners.get(userId) ?? new Set();
      listeners.set(userId, all.add(onWake));
      return () => {
        stopListening(userId, onWake);
      };
    },
    wake: (userId, changes, except) => {
      // A copy: a listener may stop listening while it is being told.
      for (const onWake of [...(listeners.get(userId) ?? [])]) {
        if (onWake !== except) onWake(changes);
      }
    },
    isHealthy: () => true,
    disconnect: () => {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
