import { systemClock } from '../chat/clock.ts';
import { seal, unseal } from '../crypto/index.ts';
import { t } from '../messages/translate.ts';
import { openKeys } from './keys/keep-keys.ts';
import { sweepIndexedDb } from './keys/indexed-vault.ts';
import { openSealedStorage } from './keys/sealed-storage.ts';
import { holdVault, isHeldElsewhere } from './keys/vault-lock.ts';
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
import { joinChatTabs, type ChatTabs } from './session/chat-tabs.ts';
import { createDraft } from './session/draft.ts';
import { openTabOutbox } from './session/outbox.ts';
import { createPreferences } from './session/preferences.ts';
import {
  clearSession,
  loadSession,
  nameAmongTabs,
  isSealedKey,
  MEMORY_KEY,
  type Session,
} from './session/session.ts';
import { createEndableStorage, type EndableStorage } from './session/tab-storage.ts';
import { createChatView, type ChatActions } from './view/chat-view.ts';
import { MESSAGE_MAX_LENGTH } from '../protocol.ts';
import { followBrowser } from './view/browser-events.ts';
import { createNoticeView } from './view/notice-view.ts';
import { byId } from './view/elements.ts';
import {
  createPageApiClient,
  createPageStorage,
  messageMaxLength,
  reloadWhenRestored,
} from './view/page.ts';

/** Entry of the chat page. */

const HAND_OVER = 'hand over';

/** What a chat of either kind brings along. */
interface Opened extends Pick<ChatRoomOptions, 'line' | 'storage' | 'lost'> {
  /** The invitation code, as long as it may be needed. */
  readonly code: string | undefined;
  readonly forget: () => void;
  /** What tabs of this browser hand over, as only they can read it; undefined where they share no keys. */
  readonly handOver:
    | { seal(text: string): Promise<string>; open(text: string): Promise<string | undefined> }
    | undefined;
}

function openPlain(tab: EndableStorage, { role, chatToken }: Session): Opened {
  return {
    line: createPlainLine(openTabOutbox(tab)),
    storage: tab,
    code: role === 'creator' ? chatToken : undefined,
    handOver: { seal: (text) => Promise.resolve(text), open: (text) => Promise.resolve(text) },
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
  const storage = await openSealedStorage(tab, kept.sealingKey, isSealedKey);
  const line = createSecureLine({ vault, kept, lost, written: storage.written });
  const forget = (): void => {
    tab.end();
    dropCarriedSession();
    vault.remove().catch(() => undefined);
  };
  const { sealingKey } = kept;
  const handOver =
    session.vault === undefined
      ? undefined
      : {
          seal: (text: string) => seal(sealingKey, HAND_OVER, text),
          open: (text: string) => unseal(sealingKey, HAND_OVER, text),
        };
  return { line, storage, lost, code: kept.code, forget, handOver };
}

function openChat(session: Session, { code, forget, handOver, ...opened }: Opened): void {
  const preferences = createPreferences(opened.storage);
  const kept = { draft: createDraft(opened.storage), preferences };
  const actions: ChatActions = {
    send: (text) => {
      room.send(text);
    },
    typed: (text) => {
      room.typed(text);
    },
    typingChanged: () => {
      room.typingChanged();
    },
    close: () => room.close(),
    unsent: () => room.unsent(),
    useHere: () => {
      // Keys in memory are not those of the tab that went on meanwhile.
      if (!tabs) location.reload();
      else void tabs.take().then(room.useHere);
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
  };
  const room = createChatRoom({
    ...opened,
    session,
    api: createPageApiClient(),
    clock: systemClock,
    view: createChatView(session, code, actions, kept),
    messageMaxLength: session.encrypted ? MESSAGE_MAX_LENGTH : messageMaxLength(),
    askServer,
    isVisible: () => !document.hidden,
    isOpenElsewhere: () => isHeldElsewhere(nameAmongTabs(session)),
    showsTyping: () => preferences.now().typing,
    onForgotten: forget,
  });
  holdVault(nameAmongTabs(session));
  const tabs = handOver && shareChat(session, room, handOver);
  focusFirst(session);
  room.open();
  // Another tab that has the chat stops, and says what was said there.
  void tabs?.take().then((history) => {
    if (history !== undefined) room.adopt(history);
  });
  followBrowser(room);
}

/** Joins the tabs of this browser that have the chat. */
function shareChat(
  session: Session,
  room: ChatRoom,
  sealed: NonNullable<Opened['handOver']>,
): ChatTabs {
  const tabs = joinChatTabs({
    name: nameAmongTabs(session),
    onTaken() {
      const history = room.handOver();
      return history === undefined ? undefined : sealed.seal(history);
    },
  });
  return {
    ...tabs,
    take: async () => {
      const text = await tabs.take();
      return text === undefined ? undefined : sealed.open(text);
    },
  };
}

/** Lighter for the server than any call of the chat. */
async function askServer(signal: AbortSignal): Promise<boolean> {
  const options = { cache: 'no-store', credentials: 'omit', signal } as const;
  return (await fetch('/healthz', options)).ok;
}

/** A creator who waits wants to hand over the invitation. */
function focusFirst({ role, status }: Session): void {
  if (role === 'creator' && status === 'draft') {
    byId('copy-code', HTMLButtonElement).focus({ preventScroll: true });
  }
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
  createNoticeView(() => undefined).showEnd(t('end.keysLost'), false);
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
