import type { Status, Token } from '../protocol.ts';
import { absentAt, expiresAt, isPresent, presentUntil } from './chat.ts';
import type { Inbox, StoredMessage } from './chat-store.ts';
import type { CountedSince } from './counted-since.ts';
import type { ChatContext } from './life-cycle.ts';
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
  readonly waiting?: number | undefined;
  readonly present?: boolean | undefined;
  readonly typing?: boolean | undefined;
}

/** Whether the talker shows a sign of life; nobody is there any more when a chat is closed. */
export const isTalkerPresent = ({ chat, talkerSeenUntil }: Inbox, now: number): boolean =>
  chat.status !== 'closed' && isPresent(talkerSeenUntil, now);

/** `typingUntil`: until when the talker types; `null`: they do not. */
export const deliveryOf = (inbox: Inbox, typingUntil: number | null, now: number): Delivery => ({
  status: inbox.chat.status,
  messages: inbox.messages,
  waiting: inbox.waiting,
  talker: { present: isTalkerPresent(inbox, now), typing: typingUntil !== null },
});

/** Whether an answer says anything to somebody who knows so much and has got so much. */
export function isNews(
  answer: Delivery,
  known: Known | null,
  delivered?: ReadonlySet<Token>,
): boolean {
  const hasNew = answer.messages.some(({ _id }) => delivered?.has(_id) !== true);
  const isOver = answer.status === 'closed';
  return hasNew || isOver || known === null || !isTrue(known, answer);
}

/** Whether an inbox says anything to somebody who knows so much, whatever the talker types. */
export const isInboxNews = (inbox: Inbox, known: Known | null, now: number): boolean =>
  isNews(deliveryOf(inbox, null, now), known === null ? null : { ...known, typing: false });

const isTrue = ({ waiting, present, typing }: Known, delivery: Delivery): boolean =>
  (waiting ?? delivery.waiting) === delivery.waiting &&
  (present ?? delivery.talker.present) === delivery.talker.present &&
  (typing ?? delivery.talker.typing) === delivery.talker.typing;

/** When the answer changes by the passing of time alone, in ms since the epoch. */
export function changesAt(
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

/** What is news to a receiver that knows this: of the rest it need not hear. */
export const watchedBy = (known: Known | null): Changes =>
  changed.inbox |
  changed.status |
  changed.superseded |
  (known?.waiting === undefined ? 0 : changed.waiting) |
  (known?.present === undefined ? 0 : changed.presence) |
  (known?.typing === undefined ? 0 : changed.typing);
