import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { refusals, type Status } from '../../protocol.ts';
import type { Inbox } from '../api/answers.ts';
import type { ApiClient } from '../api/api-client.ts';
import { NO_ANSWER, toFailure } from '../api/no-answer.ts';
import { newToken } from '../api/token.ts';
import { createConversation } from '../session/conversation.ts';
import { clearSession, saveStatus, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import type { Entry, Stage } from '../session/transcript.ts';
import { createBackoff } from './backoff.ts';
import { createDeliveries, type Asked } from './deliveries.ts';
import type { Line, Reading } from './line.ts';
import { wellFormed } from './message-text.ts';
import { createReceiver, type ReceiverEnd } from './receiver.ts';
import {
  CONTRADICTION,
  HANDSHAKE_LIMIT,
  KEYS_LOST,
  KEYS_UNUSABLE,
  LOST_BY_RELOAD,
  NEVER_LEFT,
} from './secure-words.ts';
import { isHandshakeLimit, KeysLost } from './secure-line.ts';
import { createSecurityWatch, isOpen, type Security } from './security.ts';
import { createSender } from './sender.ts';
import {
  CHAT_CLOSED,
  CHAT_REMOVED,
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

// A burst of messages needs one new poll.
const ASK_ANEW_AFTER_MS = 200;

// Timers run out at once beyond this; no chat lives that long.
const LONGEST_TIMER_MS = 2 ** 31;

const SENDING: Delivery = { kind: 'sending', text: 'sending…' };
const STAGES: Record<Stage, string> = {
  sent: 'Sent: it waits on the server for Talker',
  delivered: 'Delivered to Talker’s browser and erased from the server, says the server',
  confirmed: 'Confirmed by Talker',
  unconfirmed: 'not confirmed: Talker may not have been able to read this',
  repeated: 'not confirmed; sent once more below',
};
const stageDelivery = (stage: Stage): Delivery => ({ kind: stage, text: STAGES[stage] });
const WAITING: Delivery = { kind: 'waiting', text: 'not sent yet, will retry' };
const refusedDelivery = (reason: string): Delivery => ({
  kind: 'refused',
  text: `not sent: ${reason}`,
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
  const deliveries = createDeliveries({
    conversation,
    line,
    clock,
    onStage(id, stage) {
      view.setDelivery(id, stageDelivery(stage));
    },
    onContradiction() {
      security.warn(CONTRADICTION);
    },
  });

  const unsent = (): readonly Entry[] =>
    conversation.own().filter(({ stage, refused }) => stage === undefined && refused === undefined);

  const markPending = (delivery: Delivery): void => {
    for (const { id } of unsent()) view.setDelivery(id, delivery);
  };

  const retrySending = (): void => {
    // This one is not about the connection: the server said when to come again.
    if (sendFailure?.code !== refusals.tooManyRequests.code) sender.retryNow();
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
      else security.warn(isHandshakeLimit(thrown) ? HANDSHAKE_LIMIT : KEYS_UNUSABLE);
    }
  };

  const giveUp = async (): Promise<void> => {
    if (isOver()) return;
    // Talker would wait for nobody.
    await api.close(session).catch(() => undefined);
    end(KEYS_LOST);
  };

  const startTalking = (): Promise<void> =>
    guarded(async () => {
      await line.begin();
      security.note([]);
      if (phase === 'live') sender.start();
    });

  const end = (text: string): void => {
    if (phase === 'over') return;
    phase = 'over';
    receiver.stop();
    sender.stop();
    markPending(refusedDelivery('the chat is over'));
    clearSession(storage);
    options.onForgotten();
    view.setStatus('closed');
    view.showEnd(text);
  };

  const onReceiverEnd = (reason: ReceiverEnd): void => {
    if (reason === 'superseded') {
      phase = 'superseded';
      sender.stop();
      view.showSuperseded();
    } else {
      end(reason === 'closed' ? CHAT_CLOSED : CHAT_REMOVED);
    }
  };

  const onInbox = async (inbox: Inbox): Promise<void> => {
    const { lines, events } = await read(inbox.messages);
    const added = conversation.addIncoming(lines);
    deliveries.answered(poll.asked, inbox.waiting ?? poll.asked.length);
    deliveries.opened(events);
    await conversation.written();
    if (isOver()) return;
    added.forEach(view.add);
    security.note(events);
    knownWaiting = inbox.waiting;
    acceptedBefore = poll.accepted;
    if (outbox.pending().length > 0 && phase === 'live') sender.start();
    setStatus(inbox.status);
    const tidings = added.some(({ author }) => author === 'system');
    if (tidings && inbox.status !== 'closed') void refreshPresence();
  };

  const read = async (messages: Inbox['messages']): Promise<Reading> => {
    try {
      return await line.read(messages);
    } catch (thrown) {
      if (thrown instanceof KeysLost) await giveUp();
      throw thrown;
    }
  };

  // What the server said last of the messages that it keeps, and how many it took since it was asked.
  let knownWaiting: number | undefined;
  let accepted = 0;
  let acceptedBefore = 0;
  let poll: { asked: Asked; accepted: number; waiting: number | undefined };

  const receive = (hold: boolean, signal: AbortSignal): Promise<Inbox> => {
    const waiting =
      knownWaiting === undefined ? undefined : knownWaiting + accepted - acceptedBefore;
    poll = { asked: deliveries.asking(), accepted, waiting };
    return api.receive(session, hold, signal, waiting);
  };

  /** A poll that began before a message was accepted would not tell of its delivery. */
  const askOfAccepted = (): void => {
    clock.after(ASK_ANEW_AFTER_MS, () => {
      if (accepted > poll.accepted && phase === 'live') receiver.askAnew();
    });
  };

  let isCutOff = false;
  const receiver = createReceiver({
    receive,
    acknowledge: (ids) => api.acknowledge(session, ids),
    isNews: ({ waiting }) => waiting !== poll.waiting,
    clock,
    backoff: createBackoff(),
    events: {
      onInbox,
      onConnected() {
        view.setConnection({ kind: 'connected' });
        if (isCutOff) void refreshPresence();
        isCutOff = false;
        if (sendFailure?.code === NO_ANSWER) retrySending();
      },
      onTrying() {
        view.setConnection({ kind: 'connecting' });
      },
      onWaiting(failure, retryAt) {
        // Nobody knows now whether Talker is there.
        isCutOff = true;
        view.setPresence('');
        view.setConnection({ kind: 'waiting', trouble: describeTrouble(failure), retryAt });
      },
      onEnd: onReceiverEnd,
    },
  });

  const sender = createSender({
    send: (messages) => api.send(session, messages),
    outbox,
    clock,
    backoff: createBackoff(),
    events: {
      onAccepted(ids) {
        accepted += ids.length;
        deliveries.accepted(ids);
        askOfAccepted();
      },
      onSent() {
        sendFailure = undefined;
        markPending(SENDING);
        view.setSendTrouble('');
      },
      onWaiting(failure) {
        sendFailure = failure;
        markPending(WAITING);
        view.setSendTrouble(describeSendTrouble(failure));
      },
      onRefused(id, failure) {
        const reason = describeRefusal(failure);
        conversation.refuse(id, reason);
        view.setDelivery(id, refusedDelivery(reason));
      },
      onUnauthorized() {
        end(CHAT_REMOVED);
      },
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
    for (const { id } of unsent()) if (!pending.includes(id)) conversation.refuse(id, NEVER_LEFT);
    for (const { id, refused, stage } of conversation.own()) {
      if (refused !== undefined) view.setDelivery(id, refusedDelivery(refused));
      else if (stage) view.setDelivery(id, stageDelivery(stage));
    }
    markPending(WAITING);
  };

  const tellOfLostKeys = (): void => {
    if (!options.lost) return;
    const id = newToken();
    conversation.addIncoming([{ id, author: 'notice', text: LOST_BY_RELOAD }]);
  };

  const endInTime = (): void => {
    const leftMs = session.endsAt - clock.now();
    if (leftMs < LONGEST_TIMER_MS) {
      clock.after(Math.max(0, leftMs), () => {
        end(CHAT_REMOVED);
      });
    }
  };

  const run = (): void => {
    phase = 'live';
    view.setConnection({ kind: 'connecting' });
    receiver.start();
    if (session.status === 'ready') void startTalking();
    void refreshPresence();
  };

  const write = (text: string): void => {
    const entry = conversation.addOwn(newToken(), text);
    view.add(entry);
    view.setDelivery(entry.id, sendFailure ? WAITING : SENDING);
    void guarded(async () => {
      try {
        await line.write(entry.id, text);
      } catch (thrown) {
        conversation.refuse(entry.id, NEVER_LEFT);
        view.setDelivery(entry.id, refusedDelivery('the browser could not encrypt it'));
        throw thrown;
      }
      if (phase === 'live') sender.start();
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
        sender.start();
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
        receiver.retryNow();
      } catch (thrown) {
        const failure = toFailure(thrown);
        if (failure.code !== refusals.unauthorized.code) throw failure;
        end(CHAT_REMOVED);
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
      receiver.retryNow();
      retrySending();
    },
    recheck() {
      receiver.recheck();
      retrySending();
    },
    refreshPresence,
  };
}
