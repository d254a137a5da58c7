import type { Status, Token } from '../protocol.ts';
import {
  absentAt,
  expiresAt,
  isPresent,
  newToken,
  presentUntil,
  talkerOf,
  type Participant,
  type UserId,
} from './chat.ts';
import type { Inbox, StoredMessage } from './chat-store.ts';
import { failures } from './failures.ts';
import {
  CHAT_ENDS,
  endLifetimeIfOver,
  expectThere,
  wakeBoth,
  type ChatContext,
} from './life-cycle.ts';
import type { Check, Held, LongPoller } from './long-poller.ts';
import { notice } from './system-messages.ts';
import type { TypingSignals } from './typing.ts';
import { changed, type Changes } from './wake-bus.ts';

/** An answer to a receiver: the whole inbox, oldest first, and how it stands with the talker. */
export interface Delivery {
  readonly status: Status;
  readonly messages: readonly StoredMessage[];
  /** How many of the receiver's own messages the talker has not acknowledged. */
  readonly waiting: number;
  readonly talker: { readonly present: boolean; readonly typing: boolean };
}

/** What the receiver knows already: a poll is held only while all of it is true. */
export interface Known {
  readonly waiting?: number;
  readonly present?: boolean;
  readonly typing?: boolean;
}

export interface HoldOptions {
  /** `null`: nothing yet, so whatever there is is news. */
  readonly known: Known | null;
  /** Ids that the receiver has got and the server has still: an inbox that holds only those is no news. */
  readonly delivered?: ReadonlySet<Token>;
  /** Calls a listener when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

/**
 * The participant's live receiver from its first hold on, over any number of holds, until it ends or another
 * one begins: "one long poll per participant", for a connection that outlives one answer.
 */
export interface Receiver {
  /**
   * Holds until there is news, as {@link Receiving.hold} does. One at a time, and none after `end`. When the
   * server stops, the hold under way is the last: 503 to the next.
   */
  next(options: HoldOptions): Promise<Delivery | null>;
  /** From now on the participant counts as gone, unless another receiver has taken this one's place. */
  end(): void;
}

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
  hold(participant: Participant, options: HoldOptions): Promise<Delivery | null>;
  /** A receiver that has not begun yet, for a connection that stays open. Whoever asks for it ends it. */
  receiver(participant: Participant): Receiver;
}

export interface ReceivingContext extends ChatContext {
  readonly longPoller: LongPoller;
  readonly typing: TypingSignals;
}

/** Milliseconds after which a server that stops has been replaced, as a rule. */
const STOPPING_RETRY_MS = 1000;

export function createReceiving(context: ReceivingContext): Receiving {
  const { clock } = context;
  const startedAt = clock.now();
  const receiver = (participant: Participant): Receiver =>
    createReceiver(context, startedAt, participant);

  const receive = async (participant: Participant): Promise<Delivery> => {
    const read = await readInbox(context, participant, clock.now());
    const inbox = await closeIfAbsent(context, startedAt, participant, read);
    const typingUntil = await talkerTypesUntil(context, participant.userId, inbox);
    return deliveryOf(inbox, typingUntil, clock.now());
  };

  return {
    receive,
    news: async (participant, known) => {
      const delivery = await receive(participant);
      return isNews(delivery, known) ? delivery : null;
    },
    hold: async (participant, options) => {
      const poll = receiver(participant);
      try {
        return await poll.next(options);
      } finally {
        poll.end();
      }
    },
    receiver,
  };
}

function createReceiver(
  context: ReceivingContext,
  startedAt: number,
  participant: Participant,
): Receiver {
  const { store, clock, longPoller, wakeBus } = context;
  const { userId } = participant;
  const poll = { ...callerOf(participant), pollId: newToken() };
  let hasBegun = false;
  let talker: UserId | null = null;

  /** From now on it is the participant's newest, and an older one ends. */
  const begin = async (held: Held): Promise<Inbox> => {
    await endLifetimeIfOver(context, participant);
    const at = clock.now();
    const begun = await store.beginPoll({ ...poll, at, until: at + longPoller.longestHoldMs });
    const inbox = expectInbox(context, begun);
    if (begun?.supersedes === true) held.wakeOthers(changed.superseded);
    // Whoever waits for the talker to come back learns of it now.
    talker = talkerOf(inbox.chat, userId);
    const hasCome = !isPresent(begun?.wasSeenUntil ?? null, at);
    if (hasCome && talker !== null) wakeBus.wake(talker, changed.presence);
    return closeIfAbsent(context, startedAt, participant, inbox);
  };

  const checkAgain = async (): Promise<Inbox> =>
    closeIfAbsent(context, startedAt, participant, await readInbox(context, participant));

  /** It is held on, unless a newer one has begun since: the check that follows sees which. */
  const goOn = async (): Promise<Inbox> => {
    await store.endPoll({ ...poll, at: clock.now() + longPoller.longestHoldMs });
    return checkAgain();
  };

  /** The talker learns of it, unless a newer poll of this participant is held. */
  const leave = async (): Promise<void> => {
    const hasEnded = await store.endPoll({ ...poll, at: clock.now() });
    if (hasEnded && talker !== null) wakeBus.wake(talker, changed.presence);
  };

  return {
    next: async (options) => {
      // What is never held would be asked for again at once.
      if (hasBegun && longPoller.isStopping()) throw failures.unavailable(STOPPING_RETRY_MS);
      let read: (held: Held) => Promise<Inbox> = hasBegun ? goOn : begin;
      const check = async (held: Held): Promise<Check<Delivery>> => {
        const inbox = await read(held);
        hasBegun = true;
        talker = talkerOf(inbox.chat, userId);
        read = checkAgain;
        if (inbox.poll !== poll.pollId) throw failures.superseded();
        return toCheck(context, startedAt, { userId, inbox, options });
      };
      return longPoller.hold({
        userId,
        watches: watchedBy(options),
        check,
        onGone: options.onGone,
      });
    },
    end: () => {
      // Nobody waits for this: should it get lost, the poll counts as held until its time is over.
      leave().catch(() => undefined);
    },
  };
}

/** What is news to a receiver that knows this: of the rest it need not hear. */
const watchedBy = ({ known }: HoldOptions): Changes =>
  changed.inbox |
  changed.status |
  changed.superseded |
  (known?.waiting === undefined ? 0 : changed.waiting) |
  (known?.present === undefined ? 0 : changed.presence) |
  (known?.typing === undefined ? 0 : changed.typing);

interface Found {
  readonly userId: UserId;
  readonly inbox: Inbox;
  readonly options: HoldOptions;
}

async function toCheck(
  context: ReceivingContext,
  startedAt: number,
  { userId, inbox, options: { known, delivered } }: Found,
): Promise<Check<Delivery>> {
  const typingUntil = await talkerTypesUntil(context, userId, inbox);
  const answer = deliveryOf(inbox, typingUntil, context.clock.now());
  return {
    answer,
    isNews: isNews(answer, known, delivered),
    changesAt: changesAt(context, startedAt, inbox, known ?? {}, typingUntil),
  };
}

/** The inbox after the end of the lifetime, if it is over. `at`: also a sign of life. */
export async function readInbox(
  context: ChatContext,
  participant: Participant,
  at?: number,
): Promise<Inbox> {
  await endLifetimeIfOver(context, participant);
  const caller = callerOf(participant);
  return expectInbox(
    context,
    await context.store.readInbox({ ...caller, ...(at !== undefined && { at }) }),
  );
}

/** The participant as a step of the store names who asks for it. */
export const callerOf = ({ chatToken, userId }: Participant) => ({ chatToken, userId });

/** Whether the talker shows a sign of life; nobody is there any more when a chat is closed. */
export const isTalkerPresent = ({ chat, talkerSeenUntil }: Inbox, now: number): boolean =>
  chat.status !== 'closed' && isPresent(talkerSeenUntil, now);

/** Closes a ready chat whose talker left (protocol.md, "Absence"), and reads it again. */
async function closeIfAbsent(
  context: ChatContext,
  startedAt: number,
  participant: Participant,
  inbox: Inbox,
): Promise<Inbox> {
  const { store, clock, wakeBus, onEvent } = context;
  const { chat, talkerSeenUntil } = inbox;
  const talker = talkerOf(chat, participant.userId);
  const at = clock.now();
  const hasLeft = at >= absentAt(talkerSeenUntil, startedAt, chat);
  if (chat.status !== 'ready' || talker === null || !hasLeft) return inbox;

  const closed = await store.close({
    chatToken: chat.token,
    at,
    notices: { creator: notice('absent'), joiner: notice('absent') },
    unlessSeen: { userId: talker, since: at - chat.absenceCloseAfterMs },
    onSeen: (seen) => {
      wakeBoth(wakeBus, seen, CHAT_ENDS);
    },
  });
  if (closed !== null) onEvent?.('absent', 1);
  return readInbox(context, participant);
}

/** Nobody is asked about somebody who cannot be typing. */
async function talkerTypesUntil(
  { typing, clock }: ReceivingContext,
  userId: string,
  { chat }: Inbox,
): Promise<number | null> {
  const talker = talkerOf(chat, userId);
  return chat.status === 'ready' && talker !== null ? typing.until(talker, clock.now()) : null;
}

const deliveryOf = (inbox: Inbox, typingUntil: number | null, now: number): Delivery => ({
  status: inbox.chat.status,
  messages: inbox.messages,
  waiting: inbox.waiting,
  talker: { present: isTalkerPresent(inbox, now), typing: typingUntil !== null },
});

function isNews(answer: Delivery, known: Known | null, delivered?: ReadonlySet<Token>): boolean {
  const hasNew = answer.messages.some(({ _id }) => delivered?.has(_id) !== true);
  const isOver = answer.status === 'closed';
  return hasNew || isOver || known === null || !isTrue(known, answer);
}

const isTrue = ({ waiting, present, typing }: Known, delivery: Delivery): boolean =>
  (waiting ?? delivery.waiting) === delivery.waiting &&
  (present ?? delivery.talker.present) === delivery.talker.present &&
  (typing ?? delivery.talker.typing) === delivery.talker.typing;

/** When the answer changes by the passing of time alone. */
function changesAt(
  { timing }: ChatContext,
  startedAt: number,
  { chat, talkerSeenUntil }: Inbox,
  { present, typing }: Known,
  typingUntil: number | null,
): number {
  const isReady = chat.status === 'ready';
  return Math.min(
    expiresAt(chat, timing),
    isReady ? absentAt(talkerSeenUntil, startedAt, chat) : Infinity,
    present === true && talkerSeenUntil !== null ? presentUntil(talkerSeenUntil) : Infinity,
    typing === true && typingUntil !== null ? typingUntil : Infinity,
  );
}

function expectInbox<Found extends Inbox>(context: ChatContext, inbox: Found | null): Found {
  expectThere(context, inbox?.chat);
  if (inbox === null) throw failures.unauthorized();
  return inbox;
}
