import type { Status, Token } from '../protocol.ts';
import {
  absentAt,
  expiresAt,
  isPresent,
  keyOf,
  newToken,
  presentUntil,
  talkerOf,
  type Chat,
  type Participant,
  type UserId,
} from './chat.ts';
import type { BegunPoll, Inbox, Poll, StoredMessage } from './chat-store.ts';
import { ComingBack, type Leavable } from './coming-back.ts';
import { CountedSince } from './counted-since.ts';
import { failures } from './failures.ts';
import {
  CHAT_ENDS,
  endLifetimeIfOver,
  expectThere,
  wakeBoth,
  type ChatContext,
} from './life-cycle.ts';
import type { Check, LongPoller, Poller, Polling } from './long-poller.ts';
import { andThen, type Soon } from './soon.ts';
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
}

export interface WithClient {
  /** Calls a listener when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

/** A request to hold. It is told its end once, in one of two ways, and perhaps before it is known to be held. */
export interface HeldPoll extends HoldOptions {
  /** What there is; `null` when the client has gone. */
  answered(delivery: Delivery | null): void;
  /** Refused: 409 when the participant polls anew elsewhere. */
  failed(error: unknown): void;
}

/** Somebody's request that is held now. */
export interface Holding {
  /** To be called when the client of a request goes away. */
  leave(request: HeldPoll): void;
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
  next(options: HoldOptions & WithClient): Promise<Delivery | null>;
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
  hold(participant: Participant, request: HeldPoll): Holding;
  /** A receiver that has not begun yet, for a connection that stays open. Whoever asks for it ends it. */
  receiver(participant: Participant): Receiver;
  /** For a request of somebody who is about to poll again: until it is over they have not gone. */
  whileHere<Result>(participant: Participant, request: () => Soon<Result>): Soon<Result>;
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
 * Milliseconds for which a poll is registered beyond a hold, but no longer than a hold: so long it may go on before
 * that has to be written. A hold and this at the most somebody counts as present whose server was killed.
 */
const HELD_AHEAD_MS = 10_000;

/** Milliseconds after which a server that stops has been replaced, as a rule. */
const STOPPING_RETRY_MS = 1000;

export function createReceiving(context: ReceivingContext): Receiving {
  const { clock } = context;
  const since = new CountedSince(clock);
  const comingBack = new ComingBack<PollingReceiver>(clock);

  const receive = async (participant: Participant): Promise<Delivery> => {
    const read = await readInbox(context, participant, { at: clock.now() });
    const inbox = await closeIfAbsent(context, since, participant, read);
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

/** One receiver from its registration as the participant's newest poll to its end, over any number of requests. */
class PollingReceiver implements Receiver, Holding, Leavable, Polling<Delivery> {
  readonly #context: ReceivingContext;
  readonly #since: CountedSince;
  readonly #participant: Participant;
  /** Where it is between two requests; `null`: whoever asked for it keeps it. */
  readonly #comingBack: ComingBack<PollingReceiver> | null;
  readonly #poller: Poller;
  #pollId = newToken();
  #hasBegun = false;
  #isSuperseded = false;
  /** Until when the store knows this poll to be held. */
  #heldUntil = 0;
  #talker: UserId | null = null;
  /** The request that is held. */
  #request: HeldPoll = NO_REQUEST;
  /** Whether anything was read for it. */
  #hasRead = false;

  constructor(
    context: ReceivingContext,
    since: CountedSince,
    participant: Participant,
    comingBack: ComingBack<PollingReceiver> | null,
  ) {
    this.#context = context;
    this.#since = since;
    this.#participant = participant;
    this.#comingBack = comingBack;
    this.#poller = context.longPoller.open(this);
  }

  get userId(): UserId {
    return this.#participant.userId;
  }

  get watches(): Changes {
    return watchedBy(this.#request.known);
  }

  next({ onGone, ...options }: HoldOptions & WithClient): Promise<Delivery | null> {
    return new Promise((answered, failed) => {
      const request = { ...options, answered, failed };
      const client = { hasGone: false };
      onGone(() => {
        client.hasGone = true;
        this.leave(request);
      });
      if (client.hasGone) answered(null);
      else this.hold(request);
    });
  }

  hold(request: HeldPoll): void {
    // What is never held would be asked for again at once.
    if (this.#hasBegun && this.#context.longPoller.isStopping()) {
      request.failed(failures.unavailable(STOPPING_RETRY_MS));
      return;
    }
    this.#request = request;
    this.#hasRead = false;
    this.#poller.hold();
  }

  leave(request: HeldPoll): void {
    if (this.#request === request) this.#poller.leave();
  }

  answered(delivery: Delivery | null): void {
    const request = this.#takeRequest();
    this.#comingBack?.leave(keyOf(this.#participant), this);
    request.answered(delivery);
  }

  failed(error: unknown): void {
    const request = this.#takeRequest();
    if (this.#comingBack !== null) {
      this.#comingBack.forget(keyOf(this.#participant), this);
      this.end();
    }
    request.failed(error);
  }

  wokenBetween(changes: Changes): void {
    this.#comingBack?.woken(keyOf(this.#participant), this, changes);
  }

  end(at = this.#context.clock.now()): void {
    this.#poller.close();
    // Nobody waits for this: should it get lost, the poll counts as held until its time is over.
    this.#leaveStore(at).catch(() => undefined);
  }

  check(): Soon<Check<Delivery>> {
    return andThen(this.#hasRead ? this.#readAgain() : this.#firstRead(), (inbox) =>
      this.#judge(inbox),
    );
  }

  #judge(inbox: Inbox): Soon<Check<Delivery>> {
    const { userId } = this;
    const hasWaited = this.#hasRead;
    this.#hasRead = true;
    this.#hasBegun = true;
    this.#talker = talkerOf(inbox.chat, userId);
    this.#isSuperseded = inbox.poll !== this.#pollId;
    if (this.#isSuperseded) throw failures.superseded();
    const options = this.#request;
    const found = toCheck(this.#context, this.#since, { userId, inbox, options });
    if (!hasWaited) return found;
    return andThen(found, (check) => {
      reportDelivery(this.#context, check.answer, options);
      return check;
    });
  }

  #takeRequest(): HeldPoll {
    const request = this.#request;
    this.#request = NO_REQUEST;
    return request;
  }

  #firstRead(): Soon<Inbox> {
    if (!this.#hasBegun) return this.#begin();
    // It is held on, unless a newer one has begun since: the read sees which.
    this.#keep();
    const read = this.#readAgain();
    return andThen(read, (inbox) =>
      inbox.poll !== this.#pollId && this.#isNewestHere() ? this.#beginAnew() : inbox,
    );
  }

  /** Of those that wait for their clients to come back; another one here began after this request. */
  #isNewestHere(): boolean {
    return this.#comingBack?.has(keyOf(this.#participant), this) === true;
  }

  /** A client that has polled elsewhere meanwhile has ended that poll to begin this one. */
  #beginAnew(): Soon<Inbox> {
    this.#pollId = newToken();
    return this.#begin();
  }

  /** From now on it is the participant's newest, and an older one ends. */
  #begin(): Soon<Inbox> {
    const { store, clock } = this.#context;
    return andThen(endLifetimeIfOver(this.#context, this.#participant), () => {
      const at = clock.now();
      const until = this.#holdAhead(at);
      const begun = store.beginPoll({ ...this.#poll(at), until });
      return andThen(begun, (found) => {
        const inbox = expectInbox(this.#context, found);
        this.#heldUntil = until;
        this.#tellOthers(inbox, at);
        return this.#closeIfAbsent(inbox);
      });
    });
  }

  #tellOthers({ chat, supersedes, wasSeenUntil }: BegunPoll, at: number): void {
    if (supersedes) this.#poller.wakeOthers(changed.superseded);
    // Whoever waits for the talker to come back learns of it now.
    const talker = talkerOf(chat, this.userId);
    const hasCome = !isPresent(wasSeenUntil, at);
    if (hasCome && talker !== null) this.#context.wakeBus.wake(talker, changed.presence);
  }

  #readAgain(): Soon<Inbox> {
    return andThen(readInbox(this.#context, this.#participant), (inbox) =>
      this.#closeIfAbsent(inbox),
    );
  }

  /** Whoever reads of this poll reads that it is held as long, at least, as the hold that begins now. */
  #keep(): void {
    const { clock, longPoller, store } = this.#context;
    const at = clock.now();
    const aheadMs = this.#heldUntil - at;
    // It cannot be further ahead than that: the time of the machine was set back.
    const isSetBack = aheadMs > this.#holdAhead(0);
    if (aheadMs >= longPoller.longestHoldMs && !isSetBack) return;
    const until = this.#holdAhead(at);
    this.#heldUntil = until;
    // Nobody waits for this: should it get lost, the next hold writes it.
    store.keepPoll({ ...this.#poll(at), until }).catch(() => (this.#heldUntil = 0));
  }

  /** The talker learns of it, unless a newer poll of this participant is held. */
  async #leaveStore(at: number): Promise<void> {
    if (this.#isSuperseded) return;
    const { store, wakeBus } = this.#context;
    const hasEnded = await store.endPoll(this.#poll(at));
    if (hasEnded && this.#talker !== null) wakeBus.wake(this.#talker, changed.presence);
  }

  #closeIfAbsent(inbox: Inbox): Soon<Inbox> {
    return closeIfAbsent(this.#context, this.#since, this.#participant, inbox);
  }

  #holdAhead(at: number): number {
    const { longestHoldMs } = this.#context.longPoller;
    return at + longestHoldMs + Math.min(longestHoldMs, HELD_AHEAD_MS);
  }

  /** This poll, as the store knows it. */
  #poll(at: number): Poll {
    const { chatToken, userId } = this.#participant;
    return { chatToken, userId, pollId: this.#pollId, at };
  }
}

/** Stands for the request that is held while there is none. */
const NO_REQUEST: HeldPoll = {
  known: null,
  answered: () => undefined,
  failed: () => undefined,
};

/** What is news to a receiver that knows this: of the rest it need not hear. */
const watchedBy = (known: Known | null): Changes =>
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

function toCheck(
  context: ReceivingContext,
  since: CountedSince,
  { userId, inbox, options: { known, delivered } }: Found,
): Soon<Check<Delivery>> {
  return andThen(talkerTypesUntil(context, userId, inbox), (typingUntil) => {
    const answer = deliveryOf(inbox, typingUntil, context.clock.now());
    return {
      answer,
      isNews: isNews(answer, known, delivered),
      changesAt: changesAt(context, since, inbox, known ?? {}, typingUntil),
    };
  });
}

/** The inbox after the end of the lifetime, if it is over. `how`: as the store takes it. */
export function readInbox(
  context: ChatContext,
  participant: Participant,
  how: { readonly at?: number; readonly afresh?: boolean } = {},
): Soon<Inbox> {
  const { chatToken, userId } = participant;
  return andThen(endLifetimeIfOver(context, participant), (isOver) => {
    const step = { chatToken, userId, ...how, ...(isOver && { afresh: true }) };
    return andThen(context.store.readInbox(step), (inbox) => expectInbox(context, inbox));
  });
}

/** The participant as a step of the store names who asks for it. */
export const callerOf = ({ chatToken, userId }: Participant) => ({ chatToken, userId });

/** Whether the talker shows a sign of life; nobody is there any more when a chat is closed. */
export const isTalkerPresent = ({ chat, talkerSeenUntil }: Inbox, now: number): boolean =>
  chat.status !== 'closed' && isPresent(talkerSeenUntil, now);

/** Closes a ready chat whose talker left (protocol.md, "Absence"), and reads it again. */
function closeIfAbsent(
  context: ChatContext,
  since: CountedSince,
  participant: Participant,
  inbox: Inbox,
): Soon<Inbox> {
  const { chat, talkerSeenUntil } = inbox;
  const talker = talkerOf(chat, participant.userId);
  const hasLeft = context.clock.now() >= absentAt(talkerSeenUntil, since.at, chat);
  if (chat.status !== 'ready' || talker === null || !hasLeft || since.beginsAnew()) return inbox;
  return closeAsAbsent(context, participant, chat, talker);
}

async function closeAsAbsent(
  context: ChatContext,
  participant: Participant,
  chat: Chat,
  talker: UserId,
): Promise<Inbox> {
  const { store, clock, wakeBus, onEvent } = context;
  const at = clock.now();
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
function talkerTypesUntil(
  { typing, clock }: ReceivingContext,
  userId: string,
  { chat }: Inbox,
): Soon<number | null> {
  const talker = talkerOf(chat, userId);
  const canType = chat.status === 'ready' && talker !== null;
  return canType ? typing.until(talker, clock.now(), userId) : null;
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
  { timing, clock }: ChatContext,
  since: CountedSince,
  { chat, talkerSeenUntil }: Inbox,
  { present, typing }: Known,
  typingUntil: number | null,
): number {
  const isReady = chat.status === 'ready';
  // Whoever holds a poll may leave at any time, of which a request that does not ask for it does not hear.
  const surelySeen = talkerSeenUntil === null ? null : Math.min(talkerSeenUntil, clock.now());
  return Math.min(
    expiresAt(chat, timing),
    isReady ? absentAt(surelySeen, since.at, chat) : Infinity,
    present === true && talkerSeenUntil !== null ? presentUntil(talkerSeenUntil) : Infinity,
    typing === true && typingUntil !== null ? typingUntil : Infinity,
  );
}

function expectInbox<Found extends Inbox>(context: ChatContext, inbox: Found | null): Found {
  expectThere(context, inbox?.chat);
  if (inbox === null) throw failures.unauthorized();
  return inbox;
}
