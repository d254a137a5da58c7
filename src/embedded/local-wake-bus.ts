import type { ParticipantKey } from '../chat/chat.ts';
import type { Changes, WakeBus } from '../chat/wake-bus.ts';

type Listener = (changes: Changes) => void;

const NOBODY: readonly Listener[] = [];

/** Wake-ups within one process. */
export function createLocalWakeBus(): WakeBus {
  /** Lists are replaced, never changed: a listener may stop listening while it is being told. */
  const listeners = new Map<ParticipantKey, readonly Listener[]>();

  const stopListening = (who: ParticipantKey, onWake: Listener): void => {
    const others = (listeners.get(who) ?? NOBODY).filter((listener) => listener !== onWake);
    if (others.length > 0) listeners.set(who, others);
    else listeners.delete(who);
  };

  return {
    listen: (who, onWake) => {
      listeners.set(who, [...(listeners.get(who) ?? NOBODY), onWake]);
      return () => {
        stopListening(who, onWake);
      };
    },
    wake: (who, changes, except) => {
      for (const onWake of listeners.get(who) ?? NOBODY) {
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
