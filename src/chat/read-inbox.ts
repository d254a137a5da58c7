import { absentAt, talkerOf, type Chat, type Participant, type UserId } from './chat.ts';
import type { Inbox } from './chat-store.ts';
import type { CountedSince } from './counted-since.ts';
import { failures } from './failures.ts';
import {
  CHAT_ENDS,
  endLifetimeIfOver,
  expectThere,
  wakeBoth,
  type ChatContext,
} from './life-cycle.ts';
import { andThen, type Soon } from './soon.ts';
import { notice } from './system-messages.ts';

/** The inbox after the end of the lifetime, if it is over. `how`: as the store takes it. */
export function readInbox(
  context: ChatContext,
  participant: Participant,
  how: { readonly at?: number; readonly afresh?: boolean } = {},
): Soon<Inbox> {
  const { chatToken, userId } = participant;
  const { at, afresh = false } = how;
  return andThen(endLifetimeIfOver(context, participant), (isOver) => {
    const step = { chatToken, userId, at, afresh: afresh || isOver };
    return andThen(context.store.readInbox(step), (inbox) => expectInbox(context, inbox));
  });
}

/** The participant as a step of the store names who asks for it. */
export const callerOf = ({ chatToken, userId }: Participant) => ({ chatToken, userId });

/** Closes a ready chat whose talker left (protocol.md, "Absence"), and reads it again. */
export function closeIfAbsent(
  context: ChatContext,
  since: CountedSince,
  participant: Participant,
  inbox: Inbox,
): Soon<Inbox> {
  const { chat, talkerSeenUntil } = inbox;
  const talker = talkerOf(chat, participant.userId);
  const hasLeft = context.clock.now() >= absentAt(talkerSeenUntil, since.at, chat);
  if (chat.status !== 'ready' || talker === null || !hasLeft) return inbox;
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

/** 401 for somebody who has no inbox, or not any more. */
export function expectInbox<Found extends Inbox>(context: ChatContext, inbox: Found | null): Found {
  expectThere(context, inbox?.chat);
  if (inbox === null) throw failures.unauthorized();
  return inbox;
}
