import type { Token } from '../chat/chat.ts';
import type { WakeBus } from '../chat/wake-bus.ts';

/** Wake-ups within one process. */
export function localWakeBus(): WakeBus {
  const listeners = new Map<Token, Set<() => void>>();

  const stopListening = (userToken: Token, onWake: () => void): void => {
    const all = listeners.get(userToken);
    if (all?.delete(onWake) === true && all.size === 0) listeners.delete(userToken);
  };

  return {
    listen: (userToken, onWake) => {
      const all = listeners.get(userToken) ?? new Set();
      listeners.set(userToken, all.add(onWake));
      return Promise.resolve(() => {
        stopListening(userToken, onWake);
      });
    },
    wake: (userToken) => {
      // A copy: a listener may stop listening while it is being told.
      for (const onWake of [...(listeners.get(userToken) ?? [])]) onWake();
    },
    isHealthy: () => true,
    disconnect: () => {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
