import { USED_INVITATION_MS } from '../protocol.ts';
import {
  expiresAt,
  goneAt,
  isExpired,
  isGone,
  keyIn,
  type Chat,
  type Participant,
  type Timing,
} from './chat.ts';
import type { ChatStore, Expiry } from './chat-store.ts';
import type { Clock } from './clock.ts';
import { failures } from './failures.ts';
import type { Soon } from './soon.ts';
import { notice } from './system-messages.ts';
import { changed, type Changes, type WakeBus } from './wake-bus.ts';

/** What happens to chats, for whoever counts it. Nothing in it identifies anyone. */
export const chatEvents = [
  'created',
  'joined',
  'closed',
  'absent',
  'expired',
  'gave_way',
  'intruder',
  'sent',
  'acknowledged',
] as const;
export type ChatEvent = (typeof chatEvents)[number];

/** What every use case works with. */
export interface ChatContext {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly onEvent?: (event: ChatEvent, count: number) => void;
}

/** Tells both participants to look again. */
export function wakeBoth(wakeBus: WakeBus, chat: Chat, changes: Changes): void {
  const { creator, joiner } = chat;
  wakeBus.wake(keyIn(chat, creator), changes);
  if (joiner !== null) wakeBus.wake(keyIn(chat, joiner), changes);
}

/** What a chat that ends changes for both. */
export const CHAT_ENDS: Changes =
  changed.inbox | changed.status | changed.presence | changed.waiting | changed.typing;

/** The step that ends a chat's lifetime: it counts as closed since the moment it was over. */
export const expiryOf = (chat: Pick<Chat, 'token' | 'created'>, timing: Timing): Expiry => ({
  chatToken: chat.token,
  closed: expiresAt(chat, timing),
  notices: { creator: notice('expired'), joiner: notice('expired') },
});

/** A chat over its lifetime is closed by whoever touches it first, a worker or a participant. Gives whether it is. */
export function endLifetimeIfOver(context: ChatContext, participant: Participant): Soon<boolean> {
  const { clock, timing } = context;
  return isExpired(participant, timing, clock.now()) && endLifetime(context, participant);
}

async function endLifetime(
  { store, timing, onEvent }: ChatContext,
  { chatToken, created }: Participant,
): Promise<true> {
  const expired = await store.expire([expiryOf({ token: chatToken, created }, timing)]);
  if (expired > 0) onEvent?.('expired', expired);
  return true;
}

/** 401 for a chat that is not there, or only waits to be removed. */
export function expectThere({ clock, timing }: ChatContext, chat: Chat | null | undefined): Chat {
  if (chat == null || isGone(chat, timing, clock.now())) throw failures.unauthorized();
  return chat;
}

/** Since when a token that a removed chat had is remembered. */
export const usedAfter = (now: number): number => now - USED_INVITATION_MS;

/** Whether a chat that nobody has removed yet would be remembered no longer if somebody had. */
export const isForgotten = (chat: Chat, timing: Timing, now: number): boolean =>
  goneAt(chat, timing) <= usedAfter(now);
