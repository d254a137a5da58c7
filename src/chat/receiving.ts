import type { Message, Status, Token } from '../protocol.ts';
import {
  absentAt,
  expiresAt,
  isPresent,
  newToken,
  presentUntil,
  talkerOf,
  type Participant,
} from './chat.ts';
import type { Inbox } from './chat-store.ts';
import { failures } from './failures.ts';
import { endLifetimeIfOver, expectThere, wakeBoth, type ChatParts } from './life-cycle.ts';
import type { Check, LongPoller } from './long-poller.ts';
import { notice } from './system-messages.ts';
import type { TypingSignals } from './typing.ts';

/** An answer to a receiver: the whole inbox, oldest first, and how it stands with the talker. */
export interface Delivery {
  readonly status: Status;
  readonly messages: readonly Message[];
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
  readonly known: Known;
  /** Calls a listener when the client goes away before it was answered. */
  readonly onGone: (listener: () => void) => void;
}

/** What a receiver is given, and when (protocol.md, "receive (long poll)"). */
export interface Receiving {
  /** What there is now. */
  receive(participant: Participant): Promise<Delivery>;
  /**
   * What there is as soon as it is news: a message, the end of the chat, something else than the receiver
   * knows. What there is when the hold is over; `null` when the client has gone; 409 when the participant
   * polls anew elsewhere.
   */
  hold(participant: Participant, options: HoldOptions): Promise<Delivery | null>;
}

export interface ReceivingParts extends ChatParts {
  readonly longPoller: LongPoller;
  readonly typing: TypingSignals;
}

export function createReceiving(parts: ReceivingParts): Receiving {
  const { store, clock, longPoller } = parts;
  const startedAt = clock.now();

  /** A held poll begins: from now on it is the participant's newest, and an older one ends. */
  const begin = async (participant: Participant, pollId: Token): Promise<Inbox> => {
    await endLifetimeIfOver(parts, participant);
    const at = clock.now();
    const begun = await store.beginPoll({
      ...callerOf(participant),
      pollId,
      at,
      until: at + longPoller.longestHoldMs,
    });
    const inbox = expectInbox(parts, begun);
    if (begun?.supersedes === true) parts.wakeBus.wake(participant.userId);
    // Whoever waits for the talker to come back learns of it now.
    const talker = talkerOf(inbox.chat, participant.userId);
    const hasCome = !isPresent(begun?.wasSeenUntil ?? null, at);
    if (hasCome && talker !== null) parts.wakeBus.wake(talker);
    return closeIfAbsent(parts, startedAt, participant, inbox);
  };

  const checkAgain = async (participant: Participant): Promise<Inbox> =>
    closeIfAbsent(parts, startedAt, participant, await readInbox(parts, participant));

  const toCheck = async (
    { userId }: Participant,
    inbox: Inbox,
    known: Known,
  ): Promise<Check<Delivery>> => {
    const typingUntil = await talkerTypesUntil(parts, userId, inbox);
    const answer = deliveryOf(inbox, typingUntil, clock.now());
    const isOver = inbox.chat.status === 'closed';
    return {
      answer,
      isNews: answer.messages.length > 0 || isOver || !isTrue(known, answer),
      changesAt: changesAt(parts, startedAt, inbox, known, typingUntil),
    };
  };

  return {
    receive: async (participant) => {
      const read = await readInbox(parts, participant, clock.now());
      const inbox = await closeIfAbsent(parts, startedAt, participant, read);
      const typingUntil = await talkerTypesUntil(parts, participant.userId, inbox);
      return deliveryOf(inbox, typingUntil, clock.now());
    },
    hold: async (participant, { known, onGone }) => {
      const pollId = newToken();
      let hasBegun = false;
      const check = async (): Promise<Check<Delivery>> => {
        const inbox = await (hasBegun ? checkAgain(participant) : begin(participant, pollId));
        hasBegun = true;
        if (inbox.poll !== pollId) throw failures.superseded();
        return toCheck(participant, inbox, known);
      };
      try {
        return await longPoller.hold({ userId: participant.userId, check, onGone });
      } finally {
        // Nobody waits for this: should it get lost, the poll counts as held until its time is over.
        const ended = { ...callerOf(participant), pollId, at: clock.now() };
        store.endPoll(ended).catch(() => undefined);
      }
    },
  };
}

/** The inbox after the end of the lifetime, if it is over. `at`: also a sign of life. */
export async function readInbox(
  parts: ChatParts,
  participant: Participant,
  at?: number,
): Promise<Inbox> {
  await endLifetimeIfOver(parts, participant);
  const caller = callerOf(participant);
  return expectInbox(
    parts,
    await parts.store.readInbox({ ...caller, ...(at !== undefined && { at }) }),
  );
}

/** The participant as a step of the store names who asks for it. */
export const callerOf = ({ chatToken, userId }: Participant) => ({ chatToken, userId });

/** Whether the talker shows a sign of life; nobody is there any more when a chat is closed. */
export const isTalkerPresent = ({ chat, talkerSeenUntil }: Inbox, now: number): boolean =>
  chat.status !== 'closed' && isPresent(talkerSeenUntil, now);

/** Closes a ready chat whose talker left (protocol.md, "Absence"), and reads it again. */
async function closeIfAbsent(
  parts: ChatParts,
  startedAt: number,
  participant: Participant,
  inbox: Inbox,
): Promise<Inbox> {
  const { store, clock, wakeBus, onEvent } = parts;
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
  });
  if (closed !== null) {
    wakeBoth(wakeBus, closed);
    onEvent?.('absent', 1);
  }
  return readInbox(parts, participant);
}

/** Nobody is asked about somebody who cannot be typing. */
async function talkerTypesUntil(
  { typing, clock }: ReceivingParts,
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

const isTrue = ({ waiting, present, typing }: Known, delivery: Delivery): boolean =>
  (waiting ?? delivery.waiting) === delivery.waiting &&
  (present ?? delivery.talker.present) === delivery.talker.present &&
  (typing ?? delivery.talker.typing) === delivery.talker.typing;

/** When the answer changes by the passing of time alone. */
function changesAt(
  { timing }: ChatParts,
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

function expectInbox<Found extends Inbox>(parts: ChatParts, inbox: Found | null): Found {
  expectThere(parts, inbox?.chat);
  if (inbox === null) throw failures.unauthorized();
  return inbox;
}
