import { keyIn, keyOf, talkerOf, type Participant } from './chat.ts';
import { CountedSince } from './counted-since.ts';
import { ComingBack } from './held/coming-back.ts';
import { deliveryOf, isNews, type Delivery, type Known } from './delivery.ts';
import { PollingReceiver, type ReceivingContext } from './held/polling-receiver.ts';
import { talkerTypesUntil } from './held/to-check.ts';
import { closeIfAbsent, readInbox } from './read-inbox.ts';
import type { HeldPoll, Holding, Receiver } from './held/receiver.ts';
import type { Soon } from './soon.ts';
import { changed } from './wake-bus.ts';

/** What a receiver is given, and when (protocol.md, "receive (long poll)"). */
export interface Receiving {
  /** What there is now. */
  receive(participant: Participant): Promise<Delivery>;
  /** What there is now if it is news to somebody who knows so much; `null`: they would have to wait. */
  news(participant: Participant, known: Known): Promise<Delivery | null>;
  /**
   * What there is as soon as it is news: a message, the end of the chat, something else than the receiver
   * knows. What there is when the hold is over; `null` when the client has gone; 409 when the participant
   * polls anew elsewhere.
   */
  hold(participant: Participant, request: HeldPoll): Holding;
  /** A receiver that has not begun yet, for a connection that stays open. Whoever asks for it ends it. */
  receiver(participant: Participant): Receiver;
  /** For a request of somebody who is about to poll again: until it is over they have not gone. */
  whileHere<Result>(participant: Participant, request: () => Soon<Result>): Soon<Result>;
  /** Answers whatever is held; from now on whoever has an answer has gone, and nobody is waited for. */
  stopReceiving(): void;
}

export function createReceiving(context: ReceivingContext): Receiving {
  const { clock } = context;
  const since = new CountedSince(clock);
  const comingBack = new ComingBack<PollingReceiver>(clock);

  const receive = async (participant: Participant): Promise<Delivery> => {
    const read = await readInbox(context, participant, { at: clock.now() });
    const inbox = await closeIfAbsent(context, since, participant, read);
    const talker = talkerOf(inbox.chat, participant.userId);
    // A poll that follows finds somebody who is here already: whoever waits for them learns of it now.
    if (talker !== null) context.wakeBus.wake(keyIn(inbox.chat, talker), changed.presence);
    const typingUntil = await talkerTypesUntil(context, participant, inbox);
    return deliveryOf(inbox, typingUntil, clock.now());
  };

  return {
    receive,
    news: async (participant, known) => {
      const delivery = await receive(participant);
      return isNews(delivery, known) ? delivery : null;
    },
    hold: (participant, request) => {
      const key = keyOf(participant);
      let receiver = comingBack.take(key);
      if (receiver === null) {
        receiver = new PollingReceiver(context, since, participant, comingBack);
        comingBack.begin(key, receiver);
      }
      receiver.hold(request);
      return receiver;
    },
    receiver: (participant) => new PollingReceiver(context, since, participant, null),
    whileHere: (participant, request) => comingBack.during(keyOf(participant), request),
    stopReceiving: () => {
      comingBack.stop();
      context.longPoller.stop();
    },
  };
}
