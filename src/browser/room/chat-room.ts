import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { refusals, type Status } from '../../protocol.ts';
import type { Inbox } from '../api/answers.ts';
import type { ApiClient } from '../api/api-client.ts';
import { NO_ANSWER, toFailure } from '../api/no-answer.ts';
import { newToken } from '../api/token.ts';
import { createConversation } from '../session/conversation.ts';
import { createOutbox } from '../session/outbox.ts';
import { clearSession, saveStatus, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import type { Entry } from '../session/transcript.ts';
import { createBackoff } from './backoff.ts';
import { wellFormed } from './message-text.ts';
import { createReceiver, type ReceiverEnd } from './receiver.ts';
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

/** How far one's own message has come; undefined when the server has it. */
export type Delivery = { kind: 'sending' | 'waiting' | 'refused'; text: string } | undefined;

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
  showSuperseded: () => void;
  hideSuperseded: () => void;
  showEnd: (text: string) => void;
}

export interface ChatRoomOptions {
  session: Session;
  storage: TabStorage;
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
  /** Takes the chat over from another tab. */
  useHere: () => void;
  retryNow: () => void;
  /** The network may have changed: do not trust a held connection. */
  recheck: () => void;
  refreshPresence: () => Promise<void>;
}

const SENDING: Delivery = { kind: 'sending', text: 'sending…' };
const WAITING: Delivery = { kind: 'waiting', text: 'not sent yet, will retry' };
const refusedDelivery = (reason: string): Delivery => ({
  kind: 'refused',
  text: `not sent: ${reason}`,
});

/** Connects the receiver, the sender and what the tab remembers with the view. */
// eslint-disable-next-line max-lines-per-function -- the wiring reads best in one place
export function createChatRoom(options: ChatRoomOptions): ChatRoom {
  const { storage, api, clock, view } = options;
  const conversation = createConversation(storage, () => clock.now());
  const outbox = createOutbox(storage);
  let session = options.session;
  let phase: 'live' | 'superseded' | 'over' = 'live';
  let sendFailure: Failure | undefined;

  const markPending = (delivery: Delivery): void => {
    for (const { _id } of outbox.pending()) view.setDelivery(_id, delivery);
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
    sender.start();
    retrySending();
  };

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

  const onInbox = (inbox: Inbox): void => {
    const added = conversation.addIncoming(inbox.messages);
    added.forEach(view.add);
    setStatus(inbox.status);
    const tidings = added.some(({ author }) => author === 'system');
    if (tidings && inbox.status !== 'closed') void refreshPresence();
  };

  let isCutOff = false;
  const receiver = createReceiver({
    receive: (hold, signal) => api.receive(session, hold, signal),
    acknowledge: (ids) => api.acknowledge(session, ids),
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
      onSent(ids) {
        sendFailure = undefined;
        for (const id of ids) view.setDelivery(id, undefined);
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
    for (const { id, refused } of conversation.entries()) {
      if (refused !== undefined) view.setDelivery(id, refusedDelivery(refused));
    }
    markPending(WAITING);
  };

  const run = (): void => {
    phase = 'live';
    view.setConnection({ kind: 'connecting' });
    receiver.start();
    if (session.status === 'ready') sender.start();
    void refreshPresence();
  };

  return {
    open() {
      view.restore(conversation.entries());
      restoreDeliveries();
      view.setStatus(session.status);
      view.setExpiry(describeExpiry(session.expires));
      run();
    },
    send(text) {
      const message = { _id: newToken(), msg: wellFormed(text) };
      outbox.add(message);
      view.add(conversation.addOwn(message._id, message.msg));
      view.setDelivery(message._id, sendFailure ? WAITING : SENDING);
      sender.start();
    },
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
    unsent: () => outbox.pending().length,
    useHere() {
      view.hideSuperseded();
      run();
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
