import {
  DRAFT_GIVES_WAY_AFTER_MS,
  INTRUDER_NOTICE_INTERVAL_MS,
  type Status,
  type Token,
} from '../protocol.ts';
import { expiresAt, isExpired, isGone, keyIn, newToken, userIdOf, type Chat } from './chat.ts';
import { CountedSince } from './counted-since.ts';
import { failures } from './failures.ts';
import { CHAT_ENDS, isForgotten, usedAfter, wakeBoth, type ChatContext } from './life-cycle.ts';
import { notice, welcome } from './system-messages.ts';
import { changed } from './wake-bus.ts';

/** What somebody asks for who creates a chat. The tokens are the client's own, if it brings any. */
export interface Wish {
  readonly chatToken?: Token;
  readonly userToken?: Token;
  readonly encrypted: boolean;
  readonly absenceCloseAfterMs?: number;
}

/** What a participant gets who has just created or joined a chat. */
export interface Admission {
  readonly chat: Chat;
  readonly userToken: Token;
  /** When the chat's lifetime ends, in ms since the epoch. */
  readonly expires: number;
}

/** How two people come into one chat (protocol.md, "create" and "join"). */
export interface Inviting {
  /**
   * The chat that somebody has created with these two tokens before: asking again costs nothing and nobody.
   * `null`: the chat token is free; 409 when it is taken.
   */
  findCreated(chatToken: Token, userToken: Token): Promise<Admission | null>;
  /** Opens a draft. A repeat with the same two tokens gives the same chat; 409 when the chat token is taken. */
  create(wish: Wish): Promise<Admission>;
  /**
   * Makes the caller the second participant; of simultaneous callers exactly one. The joiner's own token,
   * repeated, changes nothing. 404 or 410 otherwise.
   */
  join(chatToken: Token, userToken?: Token): Promise<Admission>;
  /** Lets the draft whose creator has been away longest give way to a new chat; `false`: there is none. */
  makeRoom(): Promise<boolean>;
}

export interface InvitingContext extends ChatContext {
  /** For chats whose creator does not choose. */
  readonly absenceCloseAfterMs: number;
}

export function createInviting(context: InvitingContext): Inviting {
  const { store, clock, timing, wakeBus, onEvent } = context;
  const since = new CountedSince(clock);

  return {
    findCreated: (chatToken, userToken) => findCreated(context, chatToken, userToken),
    create: async (wish) => {
      const { chatToken = newToken(), userToken = newToken(), encrypted } = wish;
      assertDifferent(chatToken, userToken);
      const now = clock.now();
      const chat: Chat = {
        token: chatToken,
        status: 'draft',
        encrypted,
        created: now,
        closed: null,
        absenceCloseAfterMs: wish.absenceCloseAfterMs ?? context.absenceCloseAfterMs,
        creator: userIdOf(userToken),
        joiner: null,
      };
      const created = await store.create({
        chat,
        welcome: welcome(chatToken, encrypted),
        usedAfter: usedAfter(now),
      });
      if (created === null || isGone(created.chat, timing, now)) throw failures.chatTokenTaken();
      if (created.isNew) onEvent?.('created', 1);
      return admit(context, created.chat, userToken);
    },
    join: async (chatToken, userToken = newToken()) => {
      assertDifferent(chatToken, userToken);
      const at = clock.now();
      const chat = await store.join({
        chatToken,
        userId: userIdOf(userToken),
        at,
        createdAfter: at - timing.chatLifetimeMs,
        notices: { creator: notice('joined'), joiner: notice('ready') },
        onSeen: (seen) => {
          const creator = keyIn(seen, seen.creator);
          wakeBus.wake(creator, changed.inbox | changed.status | changed.presence);
        },
      });
      if (chat === null) return joinAgain(context, chatToken, userToken);
      onEvent?.('joined', 1);
      return admit(context, chat, userToken);
    },
    makeRoom: async () => {
      const at = clock.now();
      const notSeenSince = at - DRAFT_GIVES_WAY_AFTER_MS;
      // Who was there before the server started may be on their way back.
      if (notSeenSince < since.at) return false;
      const draft = await store.removeForsakenDraft({ at, notSeenSince });
      if (draft === null) return false;
      wakeBoth(wakeBus, draft, CHAT_ENDS);
      onEvent?.('gave_way', 1);
      return true;
    },
  };
}

async function findCreated(
  context: ChatContext,
  chatToken: Token,
  userToken: Token,
): Promise<Admission | null> {
  assertDifferent(chatToken, userToken);
  const { store, clock, timing } = context;
  const chat = await store.find(chatToken);
  const now = clock.now();
  if (chat === null) {
    if (await store.wasRemoved(chatToken, usedAfter(now))) throw failures.chatTokenTaken();
    return null;
  }
  const isOwn = chat.creator === userIdOf(userToken) && !isGone(chat, timing, now);
  if (!isOwn) throw failures.chatTokenTaken();
  return admit(context, chat, userToken);
}

/** Why a join did not succeed; unless it is only the repeat of one that did. */
async function joinAgain(
  context: ChatContext,
  chatToken: Token,
  userToken: Token,
): Promise<Admission> {
  const { store, clock, timing } = context;
  const chat = await store.find(chatToken);
  const now = clock.now();
  if (chat === null) {
    const wasRemoved = await store.wasRemoved(chatToken, usedAfter(now));
    throw wasRemoved ? failures.invitationOver() : failures.invalidCode();
  }
  const userId = userIdOf(userToken);
  if (userId === chat.creator) throw failures.badRequest('the user token is in use');
  if (isForgotten(chat, timing, now)) throw failures.invalidCode();
  if (isGone(chat, timing, now)) throw failures.invitationOver();
  if (userId === chat.joiner) return admit(context, chat, userToken);
  if (statusAt(context, chat) === 'closed') throw failures.invitationOver();
  if (chat.status === 'ready') await noticeIntruder(context, chatToken, now);
  throw failures.invitationUsed();
}

/** Both learn that somebody else has the invitation, too; once in a while, or a stranger could fill their inboxes. */
async function noticeIntruder(
  { store, wakeBus, onEvent }: ChatContext,
  chatToken: Token,
  at: number,
): Promise<void> {
  const noticed = await store.noticeIntruder({
    chatToken,
    at,
    notSince: at - INTRUDER_NOTICE_INTERVAL_MS,
    notices: { creator: notice('intruder'), joiner: notice('intruder') },
    onSeen: (chat) => {
      wakeBoth(wakeBus, chat, changed.inbox);
    },
  });
  if (noticed === null) return;
  onEvent?.('intruder', 1);
}

const admit = (context: ChatContext, chat: Chat, userToken: Token): Admission => ({
  chat: { ...chat, status: statusAt(context, chat) },
  userToken,
  expires: expiresAt(chat, context.timing),
});

/** A chat over its lifetime behaves as closed, whether or not anybody has closed it. */
const statusAt = ({ clock, timing }: ChatContext, chat: Chat): Status =>
  isExpired(chat, timing, clock.now()) ? 'closed' : chat.status;

function assertDifferent(chatToken: Token, userToken: Token): void {
  if (chatToken === userToken) throw failures.badRequest('a user token is not the chat token');
}
