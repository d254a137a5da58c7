import { systemClock } from '../chat/clock.ts';
import { t } from '../messages/translate.ts';
import { openKeys } from './keys/keep-keys.ts';
import { sweepIndexedDb } from './keys/indexed-vault.ts';
import { openSealedStorage } from './keys/sealed-storage.ts';
import { holdVault } from './keys/vault-lock.ts';
import { createChatRoom, type ChatRoom, type ChatRoomOptions } from './room/chat-room.ts';
import { createPlainLine } from '../client/connection/line.ts';
import { createSecureLine } from '../client/connection/secure-line.ts';
import {
  carriedHandshakes,
  carriedSession,
  carryHandshakes,
  dropCarriedSession,
  goHome,
} from './session/navigation.ts';
import { openTabOutbox } from './session/outbox.ts';
import {
  clearSession,
  loadSession,
  MEMORY_KEY,
  SEALED_KEYS,
  type Session,
} from './session/session.ts';
import { createEndableStorage, type EndableStorage } from './session/tab-storage.ts';
import { createChatView } from './view/chat-view.ts';
import { createNoticeView } from './view/notice-view.ts';
import { byId, createPageApiClient, createPageStorage, reloadWhenRestored } from './view/page.ts';

/** Entry of the chat page. */

const PRESENCE_INTERVAL_MS = 10_000;

// Hidden for longer than this (a phone in a pocket), connections may have died in silence.
const LONG_HIDDEN_MS = 10_000;

/** What a chat of either kind brings along. */
interface Opened extends Pick<ChatRoomOptions, 'line' | 'storage' | 'lost'> {
  /** The invitation code, as long as it may be needed. */
  readonly code: string | undefined;
  readonly forget: () => void;
}

function openPlain(tab: EndableStorage, { role, chatToken }: Session): Opened {
  return {
    line: createPlainLine(openTabOutbox(tab)),
    storage: tab,
    code: role === 'creator' ? chatToken : undefined,
    forget: () => {
      tab.end();
      dropCarriedSession();
    },
  };
}

/** Undefined when the browser has lost the keys. */
async function openEncrypted(tab: EndableStorage, session: Session): Promise<Opened | undefined> {
  const keys = await openKeys(session, {
    read: () => tab.get(MEMORY_KEY) ?? carriedHandshakes(),
    write(text) {
      if (!tab.set(MEMORY_KEY, text)) carryHandshakes(text);
    },
  });
  if (!keys) return undefined;
  const { vault, kept, lost } = keys;
  if (session.vault !== undefined) holdVault(session.vault);
  const storage = await openSealedStorage(tab, kept.sealingKey, SEALED_KEYS);
  const line = createSecureLine({ vault, kept, lost, written: storage.written });
  const forget = (): void => {
    tab.end();
    dropCarriedSession();
    vault.remove().catch(() => undefined);
  };
  return { line, storage, lost, code: kept.code, forget };
}

function openChat(session: Session, { code, forget, ...opened }: Opened): void {
  const view = createChatView(session, code, {
    send: (text) => {
      room.send(text);
    },
    close: () => room.close(),
    unsent: () => room.unsent(),
    useHere: () => {
      // Keys in memory are not those of the tab that went on meanwhile.
      if (session.code !== undefined) location.reload();
      else room.useHere();
    },
    retryNow: () => {
      room.retryNow();
    },
    repeat: (id) => {
      room.repeat(id);
    },
    exchangeAnew: () => room.exchangeAnew(),
    setCompared: () => room.setCompared(),
    dismissWarnings: () => {
      room.dismissWarnings();
    },
  });
  const api = createPageApiClient();
  const room = createChatRoom({
    ...opened,
    session,
    api,
    clock: systemClock,
    view,
    onForgotten: forget,
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

/** A chat whose keys are gone cannot go on, and Talker must not wait for nobody. */
async function giveUp(tab: EndableStorage, session: Session): Promise<void> {
  await createPageApiClient()
    .close(session)
    .catch(() => undefined);
  clearSession(tab);
  dropCarriedSession();
  byId('composer', HTMLFormElement).hidden = true;
  byId('close', HTMLButtonElement).hidden = true;
  byId('status-bar', HTMLDivElement).hidden = true;
  createNoticeView(() => undefined).showEnd(t('end.keysLost'));
}

async function start(): Promise<void> {
  const tab = createEndableStorage(createPageStorage());
  const session = loadSession(tab) ?? carriedSession();
  if (!session) {
    goHome();
    return;
  }
  const opened = session.encrypted ? await openEncrypted(tab, session) : openPlain(tab, session);
  if (opened) openChat(session, opened);
  else await giveUp(tab, session);
  if (session.encrypted) await sweepIndexedDb(systemClock.now()).catch(() => undefined);
}

reloadWhenRestored();
void start();
