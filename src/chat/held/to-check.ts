import { keyIn, keyOf, talkerOf, type Participant } from '../chat.ts';
import type { Inbox } from '../chat-store.ts';
import type { CountedSince } from '../counted-since.ts';
import { changesAt, deliveryOf, isNews, type Delivery } from '../delivery.ts';
import type { ChatContext } from '../life-cycle.ts';
import { andThen, type Soon } from '../soon.ts';
import type { TypingSignals } from '../typing.ts';
import type { Check } from './polling.ts';
import type { HoldOptions } from './receiver.ts';

export interface CheckContext extends ChatContext {
  readonly typing: TypingSignals;
  /** Hears of each message that ends a hold how many milliseconds after its acceptance it did. */
  readonly onDelivered?: (milliseconds: number) => void;
}

interface Found {
  readonly participant: Participant;
  readonly inbox: Inbox;
  readonly options: HoldOptions;
}

/** A message that a hold ends with was waited for: what it took is the service's doing alone. */
export function reportDelivery(
  { clock, onDelivered }: CheckContext,
  { messages }: Delivery,
  { delivered }: HoldOptions,
): void {
  const newest = messages.at(-1);
  if (newest === undefined || delivered?.has(newest._id) === true) return;
  onDelivered?.(Math.max(0, clock.now() - newest.accepted));
}

/** The answer to a request that is held, as an inbox makes it. */
export function toCheck(
  context: CheckContext,
  since: CountedSince,
  { participant, inbox, options: { known, delivered } }: Found,
): Soon<Check<Delivery>> {
  return andThen(talkerTypesUntil(context, participant, inbox), (typingUntil) => {
    const answer = deliveryOf(inbox, typingUntil, context.clock.now());
    return {
      answer,
      isNews: isNews(answer, known, delivered),
      changesAt: changesAt(context, since, inbox, known ?? {}, typingUntil),
    };
  });
}

/** Until when the talker types; `null`: they do not. Nobody is asked about somebody who cannot be typing. */
export function talkerTypesUntil(
  { typing, clock }: CheckContext,
  participant: Participant,
  { chat }: Inbox,
): Soon<number | null> {
  const talker = talkerOf(chat, participant.userId);
  const canType = chat.status === 'ready' && talker !== null;
  return canType ? typing.until(keyIn(chat, talker), clock.now(), keyOf(participant)) : null;
}
