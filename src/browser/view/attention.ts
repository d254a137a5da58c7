import type { Preferences } from '../session/preferences.ts';
import { createChime } from './chime.ts';

/** What somebody who looks elsewhere should know of. */
export type Occasion = 'joined' | 'message' | 'closed';

/** Calls somebody back who looks elsewhere: by title, icon, sound and, if wanted, a notification. */
export interface Attention {
  /** Something happened; `count` messages, if it was messages. Does nothing while the page is looked at. */
  call(occasion: Occasion, count?: number): void;
}

export interface AttentionOptions {
  readonly preferences: () => Preferences;
  readonly texts: AttentionTexts;
}

/** No text of the conversation is ever in one of these. */
export interface AttentionTexts {
  readonly title: (occasion: Occasion | undefined, unread: number) => string;
  readonly notification: (occasion: Occasion) => string;
}

const MARKED_ICON = '/favicon-unread.svg';
const TAG = 'sfchat';

/** Watches whether the page is looked at. */
export function createAttention({ preferences, texts }: AttentionOptions): Attention {
  const chime = createChime();
  const icons = [...document.querySelectorAll<HTMLLinkElement>('link[rel="icon"]')];
  const calm = icons.map(({ href }) => href);
  let unread = 0;
  let notification: Notification | undefined;

  const setIcons = (marked: boolean): void => {
    icons.forEach((icon, index) => {
      icon.href = marked ? MARKED_ICON : (calm[index] ?? icon.href);
    });
  };

  const calmDown = (): void => {
    if (document.hidden) return;
    unread = 0;
    document.title = texts.title(undefined, 0);
    setIcons(false);
    notification?.close();
    notification = undefined;
    if (preferences().notifications) void closeThoseOfWorker();
  };

  document.addEventListener('visibilitychange', calmDown);

  return {
    call(occasion, count = 0) {
      if (!document.hidden) return;
      unread += count;
      document.title = texts.title(occasion, unread);
      setIcons(true);
      const { sound, notifications } = preferences();
      if (sound) chime.play();
      if (notifications) notification = notify(texts.notification(occasion)) ?? notification;
    },
  };
}

/** Undefined where it is not allowed, or where the browser shows them only for installed workers. */
function notify(body: string): Notification | undefined {
  if (!('Notification' in window) || Notification.permission !== 'granted') return undefined;
  try {
    // The same tag replaces what stands there already; the sound is the page's own.
    const shown = new Notification('SFChat', { body, tag: TAG, icon: MARKED_ICON, silent: true });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return shown;
  } catch {
    void notifyByWorker(body);
    return undefined;
  }
}

/** The worker brings the page back when somebody presses it. */
async function notifyByWorker(body: string): Promise<void> {
  const worker = await registeredWorker();
  await worker?.showNotification('SFChat', { body, tag: TAG, silent: true }).catch(() => undefined);
}

async function closeThoseOfWorker(): Promise<void> {
  const worker = await registeredWorker();
  const shown = await worker?.getNotifications({ tag: TAG }).catch(() => []);
  for (const notification of shown ?? []) notification.close();
}

async function registeredWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  return navigator.serviceWorker.getRegistration().catch(() => undefined);
}
