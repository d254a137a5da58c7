import { DRAFT_GIVES_WAY_AFTER_MS, INTRUDER_NOTICE_INTERVAL_MS } from '../protocol.ts';
import type { OutgoingMessage, Status, Token } from '../protocol.ts';
import {
  expiresAt,
  isExpired,
  isGone,
  newToken,
  talkerOf,
  userIdOf,
  type Chat,
  type Participant,
} from './chat.ts';
import type { Notices } from './chat-store.ts';
import { failures } from './failures.ts';
import {
  endLifetimeIfOver,
  expectThere,
  isForgotten,
  usedAfter,
  wakeBoth,
  type ChatEvent,
} from './life-cycle.ts';
import {
  callerOf,
  createReceiving,
  isTalkerPresent,
  readInbox,
  type Receiving,
  type ReceivingParts,
} from './receiving.ts';
import { closedByTalker, closedByYou, notice, welcome } from './system-messages.ts';

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

export interface ChatState {
  readonly chat: Chat;
  readonly expires: number;
  /** `lastSeen` is cut to the minute: nobody needs to know more about the other. */
  readonly talker: { readonly present: boolean; readonly lastSeen: number | null };
}

export interface ChatServiceParts extends ReceivingParts {
  /** For chats whose creator does not choose. */
  readonly absenceCloseAfterMs: number;
}

/**
 * The use cases of a chat (protocol.md, "Resources" and "Life cycle"): each asks the rules, takes one
 * atomic step of the store, and wakes whoever should look again. Refusals are thrown as `Failure`.
 */
export interface ChatService extends Receiving {
  /** Opens a draft. A repeat with the same two tokens gives the same chat; 409 when the chat token is taken. */
  create(wish: Wish): Promise<Admission>;
  /**
   * Makes the caller the second participant; of simultaneous callers exactly one. The joiner's own token,
   * repeated, changes nothing. 404 or 410 otherwise.
   */
  join(chatToken: Token, userToken?: Token): Promise<Admission>;
  /** Whom the two tokens name; 401 unless they belong together and the chat is still there. */
  authenticate(chatToken: Token, userToken: Token): Promise<Participant>;
  state(participant: Participant): Promise<ChatState>;
  /** Shows the talker that the participant types, or not any more; 409 unless the chat is ready. */
  signal(participant: Participant, signal: { readonly typing: boolean }): Promise<void>;
  /** Closes the chat for both; a second close changes nothing. */
  close(participant: Participant): Promise<void>;
  /** Puts messages into the talker's inbox, all or none; 409 unless the chat is ready, 429 when the inbox is full. */
  send(participant: Participant, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Erases delivered messages from the caller's own inbox; ids that are not in it are ignored. */
  acknowledge(participant: Participant, ids: readonly Token[]): Promise<void>;
  /** Lets the draft whose creator has been away longest give way to a new chat; `false`: there is none. */
  makeRoom(): Promise<boolean>;
}

export function createChatService(parts: ChatServiceParts): ChatService {
  const report = (event: ChatEvent, count = 1): void => {
    parts.onEvent?.(event, count);
  };
  return {
    ...createReceiving(parts),
    ...beginning(parts, report),
    ...talking(parts, report),
    ...ending(parts, report),
  };
}

type Report = (event: ChatEvent, count?: number) => void;

/** How two people come into one chat. */
function beginning(parts: ChatServiceParts, report: Report) {
  const { store, clock, timing, wakeBus } = parts;
  const startedAt = clock.now();

  const admit = (chat: Chat, userToken: Token): Admission => ({
    chat: { ...chat, status: statusAt(chat) },
    userToken,
    expires: expiresAt(chat, timing),
  });
  const statusAt = (chat: Chat): Status =>
    isExpired(chat, timing, clock.now()) ? 'closed' : chat.status;

  /** Why a join did not succeed; unless it is only the repeat of one that did. */
  const joinAgain = async (chatToken: Token, userToken: Token): Promise<Admission> => {
    const chat = await store.find(chatToken);
    const now = clock.now();
    if (chat === null) {
      const isKnown = await store.wasRemoved(chatToken, usedAfter(now));
      throw isKnown ? failures.invitationOver() : failures.invalidCode();
    }
    const userId = userIdOf(userToken);
    if (userId === chat.creator) throw failures.badRequest('the user token is in use');
    if (isForgotten(chat, timing, now)) throw failures.invalidCode();
    if (isGone(chat, timing, now)) throw failures.invitationOver();
    if (userId === chat.joiner) return admit(chat, userToken);
    if (statusAt(chat) === 'closed') throw failures.invitationOver();
    if (chat.status === 'ready') await noticeIntruder(chatToken, now);
    throw failures.invitationUsed();
  };

  const noticeIntruder = async (chatToken: Token, at: number): Promise<void> => {
    const noticed = await store.noticeIntruder({
      chatToken,
      at,
      notSince: at - INTRUDER_NOTICE_INTERVAL_MS,
      notices: { creator: notice('intruder'), joiner: notice('intruder') },
    });
    if (noticed === null) return;
    wakeBoth(wakeBus, noticed);
    report('intruder');
  };

  return {
    create: async (wish: Wish): Promise<Admission> => {
      const { chatToken = newToken(), userToken = newToken(), encrypted } = wish;
      assertDifferent(chatToken, userToken);
      const now = clock.now();
      const chat: Chat = {
        token: chatToken,
        status: 'draft',
        encrypted,
        created: now,
        closed: null,
        absenceCloseAfterMs: wish.absenceCloseAfterMs ?? parts.absenceCloseAfterMs,
        creator: userIdOf(userToken),
        joiner: null,
      };
      const created = await store.create({
        chat,
        welcome: welcome(chatToken, encrypted),
        usedAfter: usedAfter(now),
      });
      if (created === null || isGone(created.chat, timing, now)) throw failures.chatTokenTaken();
      if (created.isNew) report('created');
      return admit(created.chat, userToken);
    },
    join: async (chatToken: Token, userToken: Token = newToken()): Promise<Admission> => {
      assertDifferent(chatToken, userToken);
      const at = clock.now();
      const chat = await store.join({
        chatToken,
        userId: userIdOf(userToken),
        at,
        createdAfter: at - timing.chatLifetimeMs,
        notices: { creator: notice('joined'), joiner: notice('ready') },
      });
      if (chat === null) return joinAgain(chatToken, userToken);
      wakeBus.wake(chat.creator);
      report('joined');
      return admit(chat, userToken);
    },
    authenticate: async (chatToken: Token, userToken: Token): Promise<Participant> => {
      const participant = await store.findParticipant({ chatToken, userId: userIdOf(userToken) });
      const isOver =
        participant === null || isGone({ ...participant, closed: null }, timing, clock.now());
      if (isOver) throw failures.unauthorized();
      return participant;
    },
    makeRoom: async (): Promise<boolean> => {
      const at = clock.now();
      const notSeenSince = at - DRAFT_GIVES_WAY_AFTER_MS;
      // Who was there before the server started may be on their way back.
      const draft =
        notSeenSince < startedAt ? null : await store.removeForsakenDraft({ at, notSeenSince });
      if (draft === null) return false;
      wakeBus.wake(draft.creator);
      report('gave_way');
      return true;
    },
  };
}

/** What the two do while they are in it. */
function talking(parts: ChatServiceParts, report: Report) {
  const { store, clock, timing, wakeBus, typing } = parts;

  return {
    state: async (participant: Participant): Promise<ChatState> => {
      const inbox = await readInbox(parts, participant, clock.now());
      const now = clock.now();
      const { chat, talkerSeenUntil } = inbox;
      return {
        chat,
        expires: expiresAt(chat, timing),
        talker: {
          present: isTalkerPresent(inbox, now),
          // A held poll is a sign of life that goes on: seen now, not at its end.
          lastSeen: talkerSeenUntil === null ? null : minuteOf(Math.min(talkerSeenUntil, now)),
        },
      };
    },
    signal: async (participant: Participant, signal: { readonly typing: boolean }) => {
      const { userId } = participant;
      const inbox = await readInbox(parts, participant);
      const talker = expectReady(inbox.chat, userId);
      const now = clock.now();
      // Who holds a poll is known to be there; anybody else has just shown it.
      if ((inbox.seenUntil ?? 0) <= now)
        await store.readInbox({ ...callerOf(participant), at: now });
      if (!signal.typing) await typing.end(userId);
      // Whoever does not wait for an answer would see it too late.
      else if ((inbox.talkerSeenUntil ?? 0) > now) await typing.begin(userId, now);
      else return;
      wakeBus.wake(talker);
    },
    send: async (participant: Participant, messages: readonly OutgoingMessage[]): Promise<void> => {
      await endLifetimeIfOver(parts, participant);
      const caller = callerOf(participant);
      const result = await store.send({ ...caller, at: clock.now(), messages });
      const chat = expectThere(parts, result?.chat);
      if (result?.outcome === 'inbox full') throw failures.inboxFull();
      wakeBus.wake(expectReady(chat, participant.userId));
      report('sent', messages.length);
    },
    acknowledge: async (participant: Participant, ids: readonly Token[]): Promise<void> => {
      await endLifetimeIfOver(parts, participant);
      const caller = callerOf(participant);
      const acknowledged = await store.acknowledge({ ...caller, at: clock.now(), ids });
      const talker = talkerOf(expectThere(parts, acknowledged), participant.userId);
      // Their `waiting` has become less.
      if (talker !== null) wakeBus.wake(talker);
      report('acknowledged', ids.length);
    },
  };
}

/** How a chat is closed by one of the two. */
function ending(parts: ChatServiceParts, report: Report) {
  const { store, clock, wakeBus } = parts;
  return {
    close: async (participant: Participant): Promise<void> => {
      await endLifetimeIfOver(parts, participant);
      const { chatToken, role } = participant;
      const notices: Notices =
        role === 'creator'
          ? { creator: closedByYou(), joiner: closedByTalker() }
          : { creator: closedByTalker(), joiner: closedByYou() };
      const closed = await store.close({ chatToken, at: clock.now(), notices });
      if (closed === null) {
        expectThere(parts, await store.find(chatToken));
        return;
      }
      wakeBoth(wakeBus, closed);
      report('closed');
    },
  };
}

/** The talker of a chat in which both can talk; 409 otherwise. */
function expectReady(chat: Chat, userId: string): string {
  const talker = talkerOf(chat, userId);
  if (chat.status === 'closed') throw failures.chatClosed();
  if (chat.status === 'draft' || talker === null) throw failures.notReady();
  return talker;
}

function assertDifferent(chatToken: Token, userToken: Token): void {
  if (chatToken === userToken) throw failures.badRequest('a user token is not the chat token');
}

const MINUTE_MS = 60_000;

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS;
