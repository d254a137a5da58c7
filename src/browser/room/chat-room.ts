import type { Clock } from '../../chat/clock.ts';
import type { ApiClient } from '../../client/api/api-client.ts';
import { createChannel } from '../../client/connection/channel.ts';
import type { Line } from '../../client/connection/line.ts';
import { KeysLost } from '../../client/keys/keeper.ts';
import { createTypingSignal } from '../../client/connection/typing-signal.ts';
import { t } from '../../messages/translate.ts';
import { createConversation } from '../session/conversation.ts';
import type { Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import type { ChatView } from './chat-view.ts';
import { createConnectionWatch } from './connection-watch.ts';
import { createEnding } from './ending.ts';
import { createKeyExchange } from './key-exchange.ts';
import { createChatLife } from './life.ts';
import { openingNotices } from './notices.ts';
import { createOtherTabs } from './other-tabs.ts';
import { createOwnDeliveries } from './own-deliveries.ts';
import { createReceiving } from './receiving.ts';
import { createSecurityWatch } from './security.ts';
import { createSending } from './sending.ts';
import { createTalkerWatch } from './talker-watch.ts';
import { isHere } from './talker.ts';
import { watchApi } from './watched-api.ts';
import { describeRefusal } from './words.ts';

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

/** Puts the parts of a room together: what each of them does is in its own file. */
// eslint-disable-next-line max-lines-per-function -- the wiring reads best in one place
export function createChatRoom(options: ChatRoomOptions): ChatRoom {
  const { session, storage, line, clock, view } = options;
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

  const connection = createConnectionWatch({
    ...options,
    life,
    channel: {
      recheck() {
        channel.recheck();
      },
      retrySending() {
        channel.retrySending();
      },
    },
    onChange: view.setConnection,
    onHeldUp: deliveries.heldUpChanged,
  });
  const api = watchApi({ ...options, onSlowCheck: connection.slow });

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
    askingOfTalker: talker.asking,
    line,
    messages: conversation,
    clock,
    events: {
      onReading: (reading, inbox) => receiving.read(reading, inbox),
      onReadFailed(thrown) {
        if (thrown instanceof KeysLost) void ending.keysLost();
      },
      onStage: deliveries.reached,
      onContradiction() {
        security.warn(t('message.contradiction'));
      },
      ...connection.events,
      onReceiveWaiting(failure, retryAt) {
        // Nobody knows now whether Talker is there.
        talker.forget();
        connection.events.onReceiveWaiting(failure, retryAt);
      },
      onRefused(id, failure) {
        deliveries.refuse(id, describeRefusal(failure));
      },
      onEnd(end) {
        if (end === 'superseded') void otherTabs.superseded();
        else ending.received(end);
      },
    },
  });

  const shared = { ...options, life, conversation, security, deliveries, api, channel };

  const stop = (): void => {
    channel.stop();
    connection.stop();
    talker.forget();
  };

  const ending = createEnding({ ...shared, stop });
  const keys = createKeyExchange({ ...shared, onLost: ending.keysLost });

  const receiving = createReceiving({
    ...shared,
    talker,
    onReady() {
      void keys.begin();
      connection.retrySending();
    },
  });

  const goOn = (): void => {
    life.goOn();
    connection.begin();
    showTalker();
    channel.receive();
    if (life.status() === 'ready') void keys.begin();
    void receiving.refreshState();
  };

  const sending = createSending({ ...shared, keys });
  const otherTabs = createOtherTabs({ ...shared, sending, keys, stop, goOn });

  return {
    open() {
      conversation.addIncoming(openingNotices(session.absenceCloseAfter, options.lost === true));
      view.restore(conversation.entries());
      deliveries.restore();
      view.setStatus(life.status());
      view.setExpiry(session.endsAt);
      security.note([]);
      ending.endInTime();
      goOn();
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
    useHere: otherTabs.useHere,
    handOver: otherTabs.handOver,
    adopt: otherTabs.adopt,
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
