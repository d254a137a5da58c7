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
import type { Inbox, Poll, StoredMessage } from './chat-store.ts';
import { ComingBack } from './coming-back.ts';
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
  /** The client had an answer of this receiver a moment ago, and may have polled elsewhere since. */
  readonly comesBack?: boolean;
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
  /**
   * From `at` on (ms since the epoch; by default now) the participant counts as gone, unless another receiver has
   * taken this one's place.
   */
  end(at?: number): void;
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
  /** For a request of somebody who is about to poll again: until it is over they have not gone. */
  whileHere<Result>(participant: Participant, request: () => Promise<Result>): Promise<Result>;
  /** Answers whatever is held; from now on whoever has an answer has gone, and nobody is waited for. */
  stopReceiving(): void;
}

export interface ReceivingContext extends ChatContext {
  readonly longPoller: LongPoller;
  readonly typing: TypingSignals;
  /** Hears of each message that ends a hold how many milliseconds after its acceptance it did. */
  readonly onDelivered?: (milliseconds: number) => void;
}

/**
 * A poll is registered for so many holds at once, so that one which goes on is not written for each of them. For
 * as long at the most somebody counts as present whose server was killed.
 */
const HOLDS_AHEAD = 2;

/** Milliseconds after which a server that stops has been replaced, as a rule. */
const STOPPING_RETRY_MS = 1000;

export function createReceiving(context: ReceivingContext): Receiving {
  const { clock } = context;
  const startedAt = clock.now();
  const comingBack = new ComingBack(context);
  const receiver = (participant: Participant): Receiver =>
    new PollingReceiver(context, startedAt, participant);

  const receive = async (participant: Participant): Promise<Delivery> => {
    const read = await readInbox(context, participant, { at: clock.now() });
    const inbox = await closeIfAbsent(context, startedAt, participant, read);
    const talker = talkerOf(inbox.chat, participant.userId);
    // A poll that follows finds somebody who is here already: whoever waits for them learns of it now.
    if (talker !== null) context.wakeBus.wake(talker, changed.presence);
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
      const { userId } = participant;
      const known = comingBack.take(userId);
      const poll = known ?? receiver(participant);
      try {
        const delivery = await poll.next({ ...options, comesBack: known !== null });
        comingBack.leave(userId, poll);
        return delivery;
      } catch (error) {
        poll.end();
        throw error;
      }
    },
    receiver,
    whileHere: ({ userId }, request) => comingBack.during(userId, request),
    stopReceiving: () => {
      comingBack.stop();
      context.longPoller.stop();
    },
  };
}

/** One receiver from its registration as the participant's newest poll to its end. */
class PollingReceiver implements Receiver {
  readonly #context: ReceivingContext;
  readonly #startedAt: number;
  readonly #participant: Participant;
  #poll: Omit<Poll, 'at'>;
  #hasBegun = false;
  #isSuperseded = false;
  /** Until when the store knows this poll to be held. */
  #heldUntil = 0;
  #talker: UserId | null = null;

  constructor(context: ReceivingContext, startedAt: number, participant: Participant) {
    this.#context = context;
    this.#startedAt = startedAt;
    this.#participant = participant;
    this.#poll = this.#newPoll();
  }

  async next(options: HoldOptions): Promise<Delivery | null> {
    const { longPoller } = this.#context;
    const { userId } = this.#participant;
    // What is never held would be asked for again at once.
    if (this.#hasBegun && longPoller.isStopping()) throw failures.unavailable(STOPPING_RETRY_MS);
    let read = this.#firstRead(options);
    let isHeld = false;
    const check = async (held: Held): Promise<Check<Delivery>> => {
      const inbox = await read(held);
      read = () => this.#checkAgain();
      this.#hasBegun = true;
      this.#talker = talkerOf(inbox.chat, userId);
      this.#isSuperseded = inbox.poll !== this.#poll.pollId;
      if (this.#isSuperseded) throw failures.superseded();
      const found = await toCheck(this.#context, this.#startedAt, { userId, inbox, options });
      if (isHeld) reportDelivery(this.#context, found.answer, options);
      isHeld = true;
      return found;
    };
    const watches = watchedBy(options);
    return longPoller.hold({ userId, watches, check, onGone: options.onGone });
  }

  end(at = this.#context.clock.now()): void {
    // Nobody waits for this: should it get lost, the poll counts as held until its time is over.
    this.#leave(at).catch(() => undefined);
  }

  #firstRead({ comesBack = false }: HoldOptions): (held: Held) => Promise<Inbox> {
    if (!this.#hasBegun) return (held) => this.#begin(held);
    return comesBack ? (held) => this.#comeBack(held) : () => this.#goOn();
  }

  /** From now on it is the participant's newest, and an older one ends. */
  async #begin(held: Held): Promise<Inbox> {
    const { store, clock, wakeBus } = this.#context;
    await endLifetimeIfOver(this.#context, this.#participant);
    const at = clock.now();
    const until = this.#holdAhead(at);
    const begun = await store.beginPoll({ ...this.#poll, at, until });
    const inbox = expectInbox(this.#context, begun);
    this.#heldUntil = until;
    if (begun?.supersedes === true) held.wakeOthers(changed.superseded);
    // Whoever waits for the talker to come back learns of it now.
    const talker = talkerOf(inbox.chat, this.#participant.userId);
    const hasCome = !isPresent(begun?.wasSeenUntil ?? null, at);
    if (hasCome && talker !== null) wakeBus.wake(talker, changed.presence);
    return this.#closeIfAbsent(inbox);
  }

  /** It is held on, unless a newer one has begun since: the check that follows sees which. */
  #goOn(): Promise<Inbox> {
    this.#keep();
    return this.#checkAgain();
  }

  /** The same, but a client that has polled elsewhere meanwhile has ended that poll to begin this one. */
  async #comeBack(held: Held): Promise<Inbox> {
    const inbox = await this.#goOn();
    if (inbox.poll === this.#poll.pollId) return inbox;
    this.#poll = this.#newPoll();
    return this.#begin(held);
  }

  async #checkAgain(): Promise<Inbox> {
    return this.#closeIfAbsent(await readInbox(this.#context, this.#participant));
  }

  /** Whoever reads of this poll reads that it is held as long, at least, as the hold that begins now. */
  #keep(): void {
    const { clock, longPoller, store } = this.#context;
    const at = clock.now();
    if (this.#heldUntil - at >= longPoller.longestHoldMs) return;
    const until = this.#holdAhead(at);
    this.#heldUntil = until;
    // Nobody waits for this: should it get lost, the next hold writes it.
    store.keepPoll({ ...this.#poll, at, until }).catch(() => (this.#heldUntil = 0));
  }

  /** The talker learns of it, unless a newer poll of this participant is held. */
  async #leave(at: number): Promise<void> {
    if (this.#isSuperseded) return;
    const { store, wakeBus } = this.#context;
    const hasEnded = await store.endPoll({ ...this.#poll, at });
    if (hasEnded && this.#talker !== null) wakeBus.wake(this.#talker, changed.presence);
  }

  #closeIfAbsent(inbox: Inbox): Promise<Inbox> {
    return closeIfAbsent(this.#context, this.#startedAt, this.#participant, inbox);
  }

  #holdAhead(at: number): number {
    return at + HOLDS_AHEAD * this.#context.longPoller.longestHoldMs;
  }

  #newPoll(): Omit<Poll, 'at'> {
    return { ...callerOf(this.#participant), pollId: newToken() };
  }
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

/** A message that a hold ends with was waited for: what it took is the service's doing alone. */
function reportDelivery(
  { clock, onDelivered }: ReceivingContext,
  { messages }: Delivery,
  { delivered }: HoldOptions,
): void {
  const newest = messages.at(-1);
  if (newest === undefined || delivered?.has(newest._id) === true) return;
  onDelivered?.(Math.max(0, clock.now() - newest.accepted));
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

/** The inbox after the end of the lifetime, if it is over. `how`: as the store takes it. */
export async function readInbox(
  context: ChatContext,
  participant: Participant,
  how: { readonly at?: number; readonly afresh?: boolean } = {},
): Promise<Inbox> {
  const isOver = await endLifetimeIfOver(context, participant);
  const caller = callerOf(participant);
  return expectInbox(
    context,
    await context.store.readInbox({ ...caller, ...how, ...(isOver && { afresh: true }) }),
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
  return readInbox(context, participant, { afresh: true });
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
