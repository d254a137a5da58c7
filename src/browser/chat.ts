import { systemClock } from '../chat/clock.ts';
import { createChatRoom, type ChatRoom } from './room/chat-room.ts';
import { carriedSession, dropCarriedSession, goHome } from './session/navigation.ts';
import { loadSession, type Session } from './session/session.ts';
import type { TabStorage } from './session/tab-storage.ts';
import { createChatView } from './view/chat-view.ts';
import { byId, createPageApiClient, createPageStorage, reloadWhenRestored } from './view/page.ts';

/** Entry of the chat page. */

const PRESENCE_INTERVAL_MS = 10_000;

// Hidden for longer than this (a phone in a pocket), connections may have died in silence.
const LONG_HIDDEN_MS = 10_000;

function openChat(storage: TabStorage, session: Session): void {
  const view = createChatView(session, {
    send: (text) => {
      room.send(text);
    },
    close: () => room.close(),
    unsent: () => room.unsent(),
    useHere: () => {
      room.useHere();
    },
    retryNow: () => {
      room.retryNow();
    },
  });
  const room = createChatRoom({
    session,
    storage,
    api: createPageApiClient(),
    clock: systemClock,
    view,
    onForgotten: dropCarriedSession,
  });
  room.open();
  focusFirst(session);
  followNetwork(room);
  followVisibility(room);
}

/** Where somebody who just came wants to go on: to hand over the invitation, or to write. */
function focusFirst({ role, status }: Session): void {
  const isInviting = role === 'creator' && status === 'draft';
  byId(isInviting ? 'copy-code' : 'message', HTMLElement).focus({ preventScroll: true });
}

/** The browser's word on the network is a hint to check, never a verdict. */
function followNetwork(room: ChatRoom): void {
  for (const event of ['online', 'offline']) {
    window.addEventListener(event, () => {
      room.recheck();
    });
  }
}

function followVisibility(room: ChatRoom): void {
  let hiddenAt = systemClock.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      hiddenAt = systemClock.now();
      return;
    }
    if (systemClock.now() - hiddenAt > LONG_HIDDEN_MS) room.recheck();
    else room.retryNow();
    void room.refreshPresence();
  });
  setInterval(() => {
    if (!document.hidden) void room.refreshPresence();
  }, PRESENCE_INTERVAL_MS);
}

const storage = createPageStorage();
const session = loadSession(storage) ?? carriedSession();
reloadWhenRestored();
if (session) openChat(storage, session);
else goHome();
