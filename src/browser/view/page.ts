import { systemClock } from '../../chat/clock.ts';
import { headerNames, MESSAGE_MAX_LENGTH } from '../../protocol.ts';
import { createApiClient, type ApiClient } from '../../client/api/api-client.ts';
import { createTabStorage, type TabStorage } from '../session/tab-storage.ts';

/** The element of the page with this id. A page without it is not the page that this script is for. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page lacks #${id}`);
  return element;
}

/** Sets a text only when it changed, so that a live region is not announced again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

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
