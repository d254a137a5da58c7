/// <reference lib="webworker" />
import { notifyForPages } from './page-notifications.ts';
import { isPage, isShell } from './shell-paths.ts';

/**
 * Keeps the page itself, and never an answer of the API: those requests do not come here. Pages are asked for anew
 * each time, so an upgrade is seen at once; what they load has names that change with its content.
 */

declare const self: ServiceWorkerGlobalScope;
/** Filled in by the build: what both pages load at first, and a name that changes with any of it. */
declare const SHELL: readonly string[];
declare const VERSION: string;

const PREFIX = 'sfchat-';
const CACHE = PREFIX + VERSION;

notifyForPages(self);

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || !isShell(pathname)) return;
  event.respondWith(isPage(pathname) ? newest(request) : kept(request));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(['/', '/chat', ...SHELL]);
  await self.skipWaiting();
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** From the server; what was kept only when there is none. */
async function newest(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok) await keep(request, response);
    return response;
  } catch (thrown) {
    // In whatever language it was kept: the server cannot be asked.
    const found = await caches.match(request, { ignoreVary: true, ignoreSearch: true });
    if (!found) throw thrown;
    return found;
  }
}

async function kept(request: Request): Promise<Response> {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  const response = await fetch(request);
  if (response.ok) await keep(request, response);
  return response;
}

async function keep(request: Request, response: Response): Promise<void> {
  const copy = response.clone();
  const cache = await caches.open(CACHE);
  // A full disk is no reason to show nothing.
  await cache.put(request, copy).catch(() => undefined);
}
