import type { Clock } from '../../chat/clock.ts';
import { t } from '../../messages/translate.ts';
import type { ApiClient } from '../../client/api/api-client.ts';
import { newToken } from '../../client/api/token.ts';
import { createConversation } from '../session/conversation.ts';
import type { Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import { createChannel } from '../../client/connection/channel.ts';
import type { Line } from '../../client/connection/line.ts';
import type { ReceiverEnd } from '../../client/connection/receiver.ts';
import { createTypingSignal } from '../../client/connection/typing-signal.ts';
import { KeysLost } from '../../client/connection/secure-line.ts';
import { createEnding } from './ending.ts';
import { createKeyExchange } from './key-exchange.ts';
import { createChatLife } from './life.ts';
import { createConnectionWatch } from './connection-watch.ts';
import type { ChatView } from './chat-view.ts';
import { createReceiving } from './receiving.ts';
import { createSending } from './sending.ts';
import { createSecurityWatch } from './security.ts';
import { createOwnDeliveries } from './own-deliveries.ts';
import { isHere } from './talker.ts';
import { createTalkerWatch } from './talker-watch.ts';
import { watchApi } from './watched-api.ts';
import { describeAbsence, describeRefusal } from './words.ts';

export interface ChatRoomOptions {
  session: Session;
  storage: TabStorage;
  line: Line;
  /** The keys that this tab had are gone, and with them what was said. */
  lost?: boolean;
  api: ApiClient;
  clock: Clock;
  view: ChatView;
  /** Code points in one message at the most. */
  messageMaxLength: number;
  /** Whether the server answers at all. */
  askServer: (signal: AbortSignal) => Promise<boolean>;
  isVisible: () => boolean;
  /** Whether another tab has the chat open. */
  isOpenElsewhere: () => Promise<boolean>;
  /** Whether the two may see when the other types. */
  showsTyping: () => boolean;
  /** Called when the session is gone for good. */
  onForgotten: () => void;
}

/** A chat as this tab takes part in it. */
export interface ChatRoom {
  open: () => void;
  /** Sends a text, in several messages if it is too long for one. */
  send: (text: string) => void;
  /** The text in the field changed. */
  typed: (text: string) => void;
  /** Whether the two see when the other types was changed. */
  typingChanged: () => void;
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
  /** Takes the chat over from another tab; with what was said there, if that tab still lives. */
  useHere: (history: string | undefined) => void;
  /** Another tab goes on: stops here and answers what was said; undefined when there is nothing to hand over. */
  handOver: () => string | undefined;
  /** Takes over what was said in another tab. */
  adopt: (history: string) => void;
  /** The browser is about to freeze the page, and nobody is here from now on. */
  pause: () => void;
  resume: () => void;
  retryNow: () => void;
  /** The network may have changed: do not trust a held connection. */
  recheck: () => void;
}

/** Connects the receiver, the sender and what the tab remembers with the view. */
// eslint-disable-next-line max-lines-per-function -- the wiring reads best in one place
export function createChatRoom(options: ChatRoomOptions): ChatRoom {
  const { storage, line, clock, view } = options;
  const { session } = options;
  const life = createChatLife(storage, session);
  const conversation = createConversation(storage, () => clock.now());
  const security = createSecurityWatch({
    storage,
    line,
    isAlone: () => life.status() === 'draft',
    onChange(changed) {
      if (!life.isOver()) view.setSecurity(changed);
    },
  });
  const deliveries = createOwnDeliveries({
    conversation,
    outbox: line.outbox,
    view,
    isHeldUp: () => connection.isHeldUp(),
  });

  const stopAll = (): void => {
    channel.stop();
    connection.stop();
    talker.forget();
  };

  let mayHandOver = false;
  const giveWay = (): void => {
    life.giveWay();
    mayHandOver = true;
    stopAll();
    view.showSuperseded();
  };

  /** A poll that this tab gave up may reach the server after the next one: then nobody has taken the chat. */
  const onSuperseded = async (): Promise<void> => {
    const isTaken = await options.isOpenElsewhere().catch(() => true);
    if (!life.isLive()) return;
    if (isTaken) giveWay();
    else channel.receive();
  };

  const onReceiverEnd = (reason: ReceiverEnd): void => {
    if (reason === 'superseded') {
      void onSuperseded();
    } else {
      ending.received(reason);
    }
  };

  const api = watchApi({
    api: options.api,
    storage,
    clock,
    onSlowCheck() {
      connection.slow();
    },
  });

  const talker = createTalkerWatch({
    clock,
    roundTripMs: api.roundTripMs,
    showsTyping: options.showsTyping,
    onChange: () => {
      showTalker();
    },
    onAway: () => void receiving.refreshState(),
  });

  const showTalker = (): void => {
    if (!life.isLive()) return;
    view.setTalker(life.status() === 'draft' ? { kind: 'invited' } : talker.now());
  };

  const typing = createTypingSignal({
    clock,
    signal: (isTyping) => api.signalTyping(session, isTyping),
    isWanted: () =>
      life.isLive() && life.status() === 'ready' && options.showsTyping() && isHere(talker.now()),
  });

  const channel = createChannel({
    tokens: session,
    api,
    knownOfTalker: talker.known,
    line,
    messages: conversation,
    clock,
    events: {
      onReading: (reading, inbox) => receiving.read(reading, inbox),
      onReadFailed(thrown) {
        if (thrown instanceof KeysLost) void ending.keysLost();
      },
      onStage(id, stage) {
        deliveries.reached(id, stage);
      },
      onContradiction() {
        security.warn(t('message.contradiction'));
      },
      onConnected() {
        connection.connected();
      },
      onTrying() {
        connection.trying();
      },
      onReceiveWaiting(failure, retryAt) {
        // Nobody knows now whether Talker is there.
        talker.forget();
        connection.receivingFailed(failure, retryAt);
      },
      onSent() {
        connection.sent();
      },
      onSendWaiting(failure, retryAt) {
        connection.sendingFailed(failure, retryAt);
      },
      onRefused(id, failure) {
        deliveries.refuse(id, describeRefusal(failure));
      },
      onEnd: onReceiverEnd,
    },
  });

  const connection = createConnectionWatch({
    clock,
    channel,
    askServer: options.askServer,
    isVisible: options.isVisible,
    isLive: life.isLive,
    onChange: view.setConnection,
    onHeldUp: deliveries.heldUpChanged,
  });

  const ending = createEnding({
    session,
    storage,
    life,
    conversation,
    deliveries,
    api,
    channel,
    clock,
    view,
    stop: stopAll,
    onForgotten: options.onForgotten,
  });

  const keys = createKeyExchange({ line, life, security, channel, onLost: ending.keysLost });

  const receiving = createReceiving({
    session,
    life,
    conversation,
    security,
    talker,
    api,
    clock,
    view,
    onReady() {
      void keys.begin();
      connection.retrySending();
    },
  });

  const tellOfLostKeys = (): void => {
    if (!options.lost) return;
    const id = newToken();
    conversation.addIncoming([{ id, author: 'notice', text: t('keys.lostByReload') }]);
  };

  /** Both are told, once, before anything else is said. */
  const tellOfAbsence = (): void => {
    const text = describeAbsence(session.absenceCloseAfter);
    if (text !== '') conversation.addIncoming([{ id: 'absence', author: 'notice', text }]);
  };

  const run = (): void => {
    life.goOn();
    connection.begin();
    showTalker();
    channel.receive();
    if (life.status() === 'ready') void keys.begin();
    void receiving.refreshState();
  };

  const sending = createSending({
    life,
    line,
    conversation,
    deliveries,
    security,
    keys,
    channel,
    view,
    messageMaxLength: options.messageMaxLength,
  });

  const adopt = (history: string): void => {
    conversation.merge(history);
    sending.takeOver();
    view.restore(conversation.entries());
    deliveries.restore();
  };

  const missOtherTab = (): void => {
    const added = conversation.addIncoming([
      { id: newToken(), author: 'notice', text: t('log.otherTabGone') },
    ]);
    view.add(added);
  };

  return {
    open() {
      tellOfLostKeys();
      tellOfAbsence();
      view.restore(conversation.entries());
      deliveries.restore();
      view.setStatus(life.status());
      view.setExpiry(session.endsAt);
      security.note([]);
      ending.endInTime();
      run();
    },
    send(text) {
      typing.sent();
      sending.send(text);
    },
    typed(text) {
      typing.changed(text);
    },
    typingChanged() {
      if (!options.showsTyping()) typing.ended();
      showTalker();
      channel.askAnew();
    },
    repeat: sending.repeat,
    exchangeAnew: keys.exchangeAnew,
    setCompared: keys.setCompared,
    dismissWarnings: security.dismiss,
    close: ending.close,
    unsent: () => deliveries.unsent().length,
    useHere(history) {
      if (!life.isSuperseded()) return;
      mayHandOver = false;
      view.hideSuperseded();
      void keys.guard(async () => {
        await line.refresh();
        if (history === undefined) missOtherTab();
        else adopt(history);
        run();
      });
    },
    handOver() {
      if (life.isLive()) giveWay();
      if (!life.isSuperseded() || !mayHandOver) return undefined;
      mayHandOver = false;
      return conversation.toText();
    },
    adopt,
    pause() {
      channel.pauseReceiving();
    },
    resume() {
      if (life.isLive()) channel.receive();
    },
    retryNow() {
      channel.retryReceiving();
      connection.retrySending();
    },
    recheck: connection.recheck,
  };
}
