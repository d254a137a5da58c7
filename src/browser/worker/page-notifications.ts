/// <reference lib="webworker" />
import type { PageRequest } from './page-request.ts';

/** Notifications for pages of browsers, those of phones, that show the ones of a worker alone. */

/** Says on the home page that the chat is not open any more: what a tab has is gone with it. */
const CHAT_IS_GONE = '/#chat-gone';

/** Lets the worker notify for its pages. Each notification belongs to one page, and goes with it. */
export function notifyForPages({ addEventListener, clients, registration }: Worker): void {
  const pageOf = ({ data }: Notification): Promise<Client | undefined> => clients.get(String(data));

  const closeWhere = async (isDue: (shown: Notification) => Promise<boolean>): Promise<void> => {
    for (const shown of await registration.getNotifications())
      if (await isDue(shown)) shown.close();
  };

  const fulfil = (request: PageRequest, { id }: Client): Promise<void> =>
    request.kind === 'calm'
      ? closeWhere(({ data }) => Promise.resolve(data === id))
      : // The same tag replaces what stands there already; the sound is the page's own.
        registration.showNotification('SFChat', {
          body: request.body,
          tag: id,
          data: id,
          silent: true,
        });

  const bringBack = async (pressed: Notification): Promise<void> => {
    const page = await pageOf(pressed);
    if (page && 'focus' in page) await (page as WindowClient).focus();
    else await clients.openWindow(CHAT_IS_GONE);
  };

  addEventListener('message', (event) => {
    if (event.source instanceof Client)
      event.waitUntil(fulfil(event.data as PageRequest, event.source));
  });

  addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(bringBack(event.notification));
  });

  addEventListener('fetch', (event) => {
    // The browser may end a page that had no time to say so, and load it anew when somebody looks.
    if (new URL(event.request.url).pathname !== '/chat') return;
    event.waitUntil(closeWhere(async (shown) => !(await pageOf(shown))));
  });
}

type Worker = Pick<ServiceWorkerGlobalScope, 'addEventListener' | 'clients' | 'registration'>;
