import { newToken } from '../../client/api/token.ts';
import type { PageRequest } from '../worker/page-request.ts';

/** Shows the notifications of one page: one at a time, the newest. */
export interface Notifier {
  /** Does nothing where it is not allowed. */
  notify(body: string): void;
  /** Takes away what stands there. */
  withdraw: () => void;
}

/** Creates the notifier of this page. */
export function createNotifier(icon: string): Notifier {
  // The same tag replaces what stands there already, and no other page's.
  const tag = newToken();
  let shown: Notification | undefined;
  let asked: ServiceWorkerRegistration | undefined;

  /** Whichever worker is in office now: an upgrade replaces the one that has shown a notification. */
  const ask = (request: PageRequest): void => asked?.active?.postMessage(request);

  /** The worker brings the page back when somebody presses it. */
  const askWorker = async (body: string): Promise<void> => {
    asked = await registeredWorker();
    ask({ kind: 'notify', body });
  };

  return {
    notify(body) {
      if (!('Notification' in window) || Notification.permission !== 'granted') return;
      try {
        // The sound is the page's own.
        shown = new Notification('SFChat', { body, tag, icon, silent: true });
        shown.onclick = bringBack;
      } catch {
        // Phones show notifications of a worker alone.
        void askWorker(body);
      }
    },
    withdraw() {
      shown?.close();
      shown = undefined;
      ask({ kind: 'calm' });
      asked = undefined;
    },
  };
}

function bringBack(this: Notification): void {
  window.focus();
  this.close();
}

async function registeredWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  return navigator.serviceWorker.getRegistration().catch(() => undefined);
}
