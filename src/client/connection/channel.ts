import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import type { Asking, Inbox, Known, Tokens } from '../api/answers.ts';
import type { ApiClient } from '../api/api-client.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { createDeliveries, type Asked, type OwnMessages, type Stage } from './deliveries.ts';
import { secureEventsOf, type Line, type Reading } from './line.ts';
import { createReceiver, type ReceiverEnd, type ReceiverEvents } from './receiver.ts';
import { createSender, type SenderEvents } from './sender.ts';

export interface ChannelEvents
  extends
    Pick<ReceiverEvents, 'onConnected' | 'onTrying'>,
    Pick<SenderEvents, 'onSent' | 'onRefused'> {
  /** Shows and keeps what arrived; only after this resolves it is acknowledged. */
  onReading: (reading: Reading, inbox: Inbox) => Promise<void>;
  /** What arrived could not be opened for want of keys; it comes again. */
  onReadFailed: (thrown: unknown) => void;
  /** Receiving failed; the next try is at `retryAt`. */
  onReceiveWaiting: (failure: Failure, retryAt: number) => void;
  /** Sending failed; the next try is at `retryAt`. */
  onSendWaiting: (failure: Failure, retryAt: number) => void;
  onStage: (id: string, stage: Stage) => void;
  /** The server's word on a delivery and the talker's do not fit together. */
  onContradiction: (id: string) => void;
  /** Nothing is received any more. */
  onEnd: (end: ReceiverEnd) => void;
}

export interface ChannelOptions {
  tokens: Tokens;
  api: Pick<ApiClient, 'receive' | 'acknowledge' | 'send'>;
  line: Line;
  messages: OwnMessages;
  clock: Clock;
  makeBackoff?: () => Backoff;
  /** What is asked for and depends on the talker. */
  askingOfTalker?: () => Omit<Asking, 'waiting'>;
  events: ChannelEvents;
}

/** One participant's traffic with the server: polls, sends, and how far one's own messages have come. */
export interface Channel {
  /** Receives until it is stopped, or until `onEnd`. */
  receive(): void;
  /** Sends what is in the outbox, and from now on what an inbox adds to it. */
  send(): void;
  stop(): void;
  stopSending(): void;
  /** Lets go of the poll, so that the server sees nobody here, until `receive`. */
  pauseReceiving(): void;
  /** Does not wait on after a failure. */
  retryReceiving(): void;
  retrySending(): void;
  /** The connection may be dead without anybody having noticed: do not trust a held poll. */
  recheck(): void;
  /** Asks a held poll anew, because something else is known now. */
  askAnew(): void;
}

// A burst of messages needs one new poll.
const ASK_ANEW_AFTER_MS = 300;

/** Creates the channel of one participant; it rests until it is told to receive or send. */
// eslint-disable-next-line max-lines-per-function -- the wiring reads best in one place
export function createChannel(options: ChannelOptions): Channel {
  const { tokens, api, line, clock, events, makeBackoff = createBackoff } = options;
  const deliveries = createDeliveries({ ...options, ...events });
  let isStopped = false;
  let maySend = false;

  // What the server said last of the messages that it keeps, and how many it took since it was asked.
  let knownWaiting: number | undefined;
  let accepted = 0;
  let acceptedBefore = 0;
  let poll: { asked: Asked; accepted: number; known: Known };
  let hasExpired = false;

  const countWaiting = (known: number): number => known + accepted - acceptedBefore;

  const receive = (hold: boolean, signal: AbortSignal): Promise<Inbox> => {
    const waiting = knownWaiting === undefined ? {} : { waiting: countWaiting(knownWaiting) };
    const asking: Asking = { ...options.askingOfTalker?.(), ...waiting };
    poll = { asked: deliveries.asking(), accepted, known: asking };
    return api.receive(tokens, hold, signal, asking);
  };

  const read = async (inbox: Inbox): Promise<Reading> => {
    try {
      return await line.read(inbox.messages);
    } catch (thrown) {
      events.onReadFailed(thrown);
      throw thrown;
    }
  };

  const noteWaiting = ({ messages, waiting }: Inbox): void => {
    hasExpired ||= messages.some(({ event }) => event === 'expired');
    // At the end of its lifetime the server removes what a chat has: nothing was delivered by that.
    if (!hasExpired) deliveries.answered(poll.asked, waiting ?? poll.asked.length);
  };

  const onInbox = async (inbox: Inbox): Promise<void> => {
    const reading = await read(inbox);
    noteWaiting(inbox);
    deliveries.opened(secureEventsOf(reading));
    await events.onReading(reading, inbox);
    if (isStopped) return;
    knownWaiting = inbox.waiting;
    acceptedBefore = poll.accepted;
    if (maySend && line.outbox.pending().length > 0) sender.start();
  };

  /** A poll that began before a message was accepted would not tell of its delivery. */
  const askOfAccepted = (): void => {
    clock.after(ASK_ANEW_AFTER_MS, () => {
      if (accepted > poll.accepted && !isStopped) receiver.askAnew();
    });
  };

  const receiver = createReceiver({
    receive,
    acknowledge: (ids) => api.acknowledge(tokens, ids),
    isNews: (inbox) => isNews(poll.known, inbox),
    clock,
    backoff: makeBackoff(),
    events: { ...events, onInbox, onWaiting: events.onReceiveWaiting },
  });

  const sender = createSender({
    send: (messages) => api.send(tokens, messages),
    outbox: line.outbox,
    clock,
    backoff: makeBackoff(),
    events: {
      ...events,
      onAccepted(ids) {
        accepted += ids.length;
        deliveries.accepted(ids);
        askOfAccepted();
      },
      onWaiting: events.onSendWaiting,
      onUnauthorized() {
        receiver.stop();
        events.onEnd('unauthorized');
      },
    },
  });

  return {
    receive() {
      isStopped = false;
      receiver.start();
    },
    send() {
      maySend = true;
      sender.start();
    },
    stop() {
      isStopped = true;
      maySend = false;
      receiver.stop();
      sender.stop();
    },
    stopSending() {
      maySend = false;
      sender.stop();
    },
    pauseReceiving: receiver.stop.bind(receiver),
    retryReceiving: receiver.retryNow.bind(receiver),
    retrySending: sender.retryNow.bind(sender),
    recheck: receiver.recheck.bind(receiver),
    askAnew: receiver.askAnew.bind(receiver),
  };
}

/** Whether an answer says something else than was known when it was asked for. */
const isNews = (known: Known, { waiting, talker }: Inbox): boolean =>
  known.waiting !== waiting ||
  (known.present ?? talker?.present) !== talker?.present ||
  (known.typing ?? talker?.typing) !== talker?.typing;
