import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { t } from '../../messages/translate.ts';
import { refusals, type Status } from '../../protocol.ts';
import type { Inbox } from '../../client/api/answers.ts';
import type { ApiClient } from '../../client/api/api-client.ts';
import { NO_ANSWER, toFailure } from '../../client/api/no-answer.ts';
import { newToken } from '../../client/api/token.ts';
import { createConversation } from '../session/conversation.ts';
import { clearSession, saveStatus, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import type { Entry } from '../session/transcript.ts';
import { createChannel } from '../../client/connection/channel.ts';
import type { Stage } from '../../client/connection/deliveries.ts';
import { secureEventsOf, type Line, type Reading } from '../../client/connection/line.ts';
import { wellFormed } from '../../client/connection/message-text.ts';
import type { ReceiverEnd } from '../../client/connection/receiver.ts';
import { describeNews } from './secure-words.ts';
import { isHandshakeLimit, KeysLost } from '../../client/connection/secure-line.ts';
import { createSecurityWatch, isOpen, type Security } from './security.ts';
import {
  describeExpiry,
  describePresence,
  describeRefusal,
  describeSendTrouble,
  describeTrouble,
} from './words.ts';

/** How far one's own message has come, and what a person reads or hears about it. */
export interface Delivery {
  readonly kind: 'sending' | 'waiting' | 'refused' | Stage;
  readonly text: string;
}

export type Connection =
  { kind: 'connecting' | 'connected' } | { kind: 'waiting'; trouble: string; retryAt: number };

/** What a room needs of the page. */
export interface ChatView {
  /** Shows what the tab remembers, without announcing it. */
  restore: (entries: readonly Entry[]) => void;
  add: (entry: Entry) => void;
  setDelivery: (id: string, delivery: Delivery) => void;
  setStatus: (status: Status) => void;
  setConnection: (connection: Connection) => void;
  setSendTrouble: (text: string) => void;
  setPresence: (text: string) => void;
  setExpiry: (text: string) => void;
  setSecurity: (security: Security) => void;
  showSuperseded: () => void;
  hideSuperseded: () => void;
  showEnd: (text: string) => void;
}

export interface ChatRoomOptions {
  session: Session;
  storage: TabStorage;
  line: Line;
  /** The keys that this tab had are gone, and with them what was said. */
  lost?: boolean;
  api: ApiClient;
  clock: Clock;
  view: ChatView;
  /** Called when the session is gone for good. */
  onForgotten: () => void;
}

/** A chat as this tab takes part in it. */
export interface ChatRoom {
  open: () => void;
  send: (text: string) => void;
  /** Closes the chat for both. Rejects with a Failure. */
  close: () => Promise<void>;
  /** How many of one's own messages the server does not have yet. */
  unsent: () => number;
  /** Sends a message that was not confirmed once more. */
  repeat: (id: string) => void;
  /** Tries another exchange of keys. */
  exchangeAnew: () => Promise<void>;
  /** The person has compared the words, and they match. */
  setCompared: () => Promise<void>;
  dismissWarnings: () => void;
  /** Takes the chat over from another tab. */
  useHere: () => void;
  retryNow: () => void;
  /** The network may have changed: do not trust a held connection. */
  recheck: () => void;
  refreshPresence: () => Promise<void>;
}

// Timers run out at once beyond this; no chat lives that long.
const LONGEST_TIMER_MS = 2 ** 31;

const sendingDelivery = (): Delivery => ({ kind: 'sending', text: t('delivery.sending') });
const waitingDelivery = (): Delivery => ({ kind: 'waiting', text: t('delivery.waiting') });
const stageDelivery = (stage: Stage): Delivery => ({ kind: stage, text: t(`delivery.${stage}`) });
const refusedDelivery = (reason: string): Delivery => ({
  kind: 'refused',
  text: t('delivery.refused', { reason }),
});

/** Connects the receiver, the sender and what the tab remembers with the view. */
// eslint-disable-next-line max-lines-per-function -- the wiring reads best in one place
export function createChatRoom(options: ChatRoomOptions): ChatRoom {
  const { storage, line, api, clock, view } = options;
  const { outbox } = line;
  let session = options.session;
  let phase: 'live' | 'superseded' | 'over' = 'live';
  const isOver = (): boolean => phase === 'over';
  const conversation = createConversation(storage, () => clock.now());
  let sendFailure: Failure | undefined;

  const security = createSecurityWatch(storage, line, (changed) => {
    if (!isOver()) view.setSecurity(changed);
  });
  const unsent = (): readonly Entry[] =>
    conversation.own().filter(({ stage, refused }) => stage === undefined && refused === undefined);

  const markPending = (delivery: Delivery): void => {
    for (const { id } of unsent()) view.setDelivery(id, delivery);
  };

  const retrySending = (): void => {
    // This one is not about the connection: the server said when to come again.
    if (sendFailure?.code !== refusals.tooManyRequests.code) channel.retrySending();
  };

  const setStatus = (status: Status): void => {
    const known = session.status;
    // An older answer may arrive after a newer one; a chat only moves forward.
    if (status === known || status === 'draft' || known === 'closed') return;
    session = saveStatus(storage, session, status);
    view.setStatus(status);
    if (status !== 'ready') return;
    void startTalking();
    retrySending();
  };

  /** What goes wrong with the encryption ends the chat, or is said. */
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      if (thrown instanceof KeysLost) await giveUp();
      else security.warn(isHandshakeLimit(thrown) ? t('keys.limit') : t('keys.unusable'));
    }
  };

  const giveUp = async (): Promise<void> => {
    if (isOver()) return;
    // Talker would wait for nobody.
    await api.close(session).catch(() => undefined);
    end(t('end.keysLost'));
  };

  const startTalking = (): Promise<void> =>
    guarded(async () => {
      await line.begin();
      security.note([]);
      if (phase === 'live') channel.send();
    });

  const end = (text: string): void => {
    if (phase === 'over') return;
    phase = 'over';
    channel.stop();
    markPending(refusedDelivery(t('refused.over')));
    clearSession(storage);
    options.onForgotten();
    view.setStatus('closed');
    view.showEnd(text);
  };

  const onReceiverEnd = (reason: ReceiverEnd): void => {
    if (reason === 'superseded') {
      phase = 'superseded';
      channel.stopSending();
      view.showSuperseded();
    } else {
      end(reason === 'closed' ? t('end.closed') : t('end.removed'));
    }
  };

  const onReading = async (reading: Reading, { status }: Inbox): Promise<void> => {
    const added = conversation.addIncoming(reading.flatMap(describeNews));
    await conversation.written();
    if (isOver()) return;
    added.forEach(view.add);
    security.note(secureEventsOf(reading));
    setStatus(status);
    const tidings = added.some(({ author }) => author === 'system');
    if (tidings && status !== 'closed') void refreshPresence();
  };

  let isCutOff = false;
  const channel = createChannel({
    tokens: session,
    api,
    line,
    messages: conversation,
    clock,
    events: {
      onReading,
      onReadFailed(thrown) {
        if (thrown instanceof KeysLost) void giveUp();
      },
      onStage(id, stage) {
        view.setDelivery(id, stageDelivery(stage));
      },
      onContradiction() {
        security.warn(t('message.contradiction'));
      },
      onConnected() {
        view.setConnection({ kind: 'connected' });
        if (isCutOff) void refreshPresence();
        isCutOff = false;
        if (sendFailure?.code === NO_ANSWER) retrySending();
      },
      onTrying() {
        view.setConnection({ kind: 'connecting' });
      },
      onReceiveWaiting(failure, retryAt) {
        // Nobody knows now whether Talker is there.
        isCutOff = true;
        view.setPresence('');
        view.setConnection({ kind: 'waiting', trouble: describeTrouble(failure), retryAt });
      },
      onSent() {
        sendFailure = undefined;
        markPending(sendingDelivery());
        view.setSendTrouble('');
      },
      onSendWaiting(failure) {
        sendFailure = failure;
        markPending(waitingDelivery());
        view.setSendTrouble(describeSendTrouble(failure));
      },
      onRefused(id, failure) {
        const reason = describeRefusal(failure);
        conversation.refuse(id, reason);
        view.setDelivery(id, refusedDelivery(reason));
      },
      onEnd: onReceiverEnd,
    },
  });

  const refreshPresence = async (): Promise<void> => {
    if (phase !== 'live') return;
    try {
      const state = await api.state(session);
      setStatus(state.status);
      view.setPresence(describePresence(state));
      view.setExpiry(describeExpiry(state.expires));
    } catch {
      // The state line and the receiver tell about trouble; this is an extra.
    }
  };

  const restoreDeliveries = (): void => {
    const pending = outbox.pending().map(({ _id }) => _id);
    for (const { id } of unsent())
      if (!pending.includes(id)) conversation.refuse(id, t('refused.neverLeft'));
    for (const { id, refused, stage } of conversation.own()) {
      if (refused !== undefined) view.setDelivery(id, refusedDelivery(refused));
      else if (stage) view.setDelivery(id, stageDelivery(stage));
    }
    markPending(waitingDelivery());
  };

  const tellOfLostKeys = (): void => {
    if (!options.lost) return;
    const id = newToken();
    conversation.addIncoming([{ id, author: 'notice', text: t('keys.lostByReload') }]);
  };

  const endInTime = (): void => {
    const leftMs = session.endsAt - clock.now();
    if (leftMs < LONGEST_TIMER_MS) {
      clock.after(Math.max(0, leftMs), () => {
        end(t('end.removed'));
      });
    }
  };

  const run = (): void => {
    phase = 'live';
    view.setConnection({ kind: 'connecting' });
    channel.receive();
    if (session.status === 'ready') void startTalking();
    void refreshPresence();
  };

  const write = (text: string): void => {
    const entry = conversation.addOwn(newToken(), text);
    view.add(entry);
    view.setDelivery(entry.id, sendFailure ? waitingDelivery() : sendingDelivery());
    void guarded(async () => {
      try {
        await line.write(entry.id, text);
      } catch (thrown) {
        conversation.refuse(entry.id, t('refused.neverLeft'));
        view.setDelivery(entry.id, refusedDelivery(t('refused.encryption')));
        throw thrown;
      }
      if (phase === 'live') channel.send();
    });
  };

  return {
    open() {
      tellOfLostKeys();
      view.restore(conversation.entries());
      restoreDeliveries();
      view.setStatus(session.status);
      view.setExpiry(describeExpiry(session.expires));
      security.note([]);
      endInTime();
      run();
    },
    send(text) {
      write(wellFormed(text));
    },
    repeat(id) {
      const entry = conversation.own().find((own) => own.id === id);
      if (!entry || !isOpen(security.now()) || entry.stage !== 'unconfirmed') return;
      conversation.setStage(id, 'repeated');
      view.setDelivery(id, stageDelivery('repeated'));
      write(entry.text);
    },
    exchangeAnew: () =>
      guarded(async () => {
        await line.exchangeAnew();
        security.dismiss();
        channel.send();
      }),
    setCompared: () =>
      guarded(async () => {
        await line.setCompared();
        security.note([]);
      }),
    dismissWarnings: security.dismiss,
    async close() {
      try {
        await api.close(session);
        channel.retryReceiving();
      } catch (thrown) {
        const failure = toFailure(thrown);
        if (failure.code !== refusals.unauthorized.code) throw failure;
        end(t('end.removed'));
      }
    },
    unsent: () => unsent().length,
    useHere() {
      view.hideSuperseded();
      void guarded(async () => {
        await line.refresh();
        run();
      });
    },
    retryNow() {
      channel.retryReceiving();
      retrySending();
    },
    recheck() {
      channel.recheck();
      retrySending();
    },
    refreshPresence,
  };
}
