import { systemClock } from '../../chat/clock.ts';
import { headerNames, MESSAGE_MAX_LENGTH } from '../../protocol.ts';
import { createApiClient, type ApiClient } from '../../client/api/api-client.ts';
import { createTabStorage, type TabStorage } from '../session/tab-storage.ts';

/** The client of this server, set up as the page says. */
export function createPageApiClient(): ApiClient {
  const { chatTokenHeader, userTokenHeader } = document.documentElement.dataset;
  return createApiClient({
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    chatTokenHeader: chatTokenHeader ?? headerNames.chatToken,
    userTokenHeader: userTokenHeader ?? headerNames.userToken,
  });
}

/** The most code points in a message, as the page says. */
export function messageMaxLength(): number {
  return Number(document.documentElement.dataset['messageMaxLength']) || MESSAGE_MAX_LENGTH;
}

/** The storage of this tab. */
export function createPageStorage(): TabStorage {
  return createTabStorage(() => window.sessionStorage);
}

/** A page that comes back from the back-forward cache has stale state and dead connections. */
export function reloadWhenRestored(): void {
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}
