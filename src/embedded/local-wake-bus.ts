import type { ParticipantKey } from '../chat/chat.ts';
import type { Changes, WakeBus } from '../chat/wake-bus.ts';

type Listener = (changes: Changes) => void;

/** Wake-ups within one process. */
export function createLocalWakeBus(): WakeBus {
  const listeners = new Map<ParticipantKey, Set<Listener>>();

  const stopListening = (who: ParticipantKey, onWake: Listener): void => {
    const all = listeners.get(who);
    if (all?.delete(onWake) === true && all.size === 0) listeners.delete(who);
  };

  return {
    listen: (who, onWake) => {
      const all = listeners.get(who) ?? new Set();
      listeners.set(who, all.add(onWake));
      return () => {
        stopListening(who, onWake);
      };
    },
    wake: (who, changes, except) => {
      // A copy: a listener may stop listening while it is being told.
      for (const onWake of [...(listeners.get(who) ?? [])]) {
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
