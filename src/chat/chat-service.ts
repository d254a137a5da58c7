import type { OutgoingMessage, Token } from '../protocol.ts';
import {
  expiresAt,
  isGone,
  keyIn,
  keyOf,
  talkerOf,
  type Chat,
  type Participant,
  type UserId,
} from './chat.ts';
import type { Notices } from './chat-store.ts';
import { isTalkerPresent } from './delivery.ts';
import { failures, type Failure } from './failures.ts';
import { createInviting, type Inviting, type InvitingContext } from './inviting.ts';
import {
  CHAT_ENDS,
  endLifetimeIfOver,
  expectThere,
  wakeBoth,
  type ChatEvent,
} from './life-cycle.ts';
import type { ReceivingContext } from './held/polling-receiver.ts';
import { callerOf, readInbox } from './read-inbox.ts';
import { createReceiving, type Receiving } from './receiving.ts';
import { andThen, type Soon } from './soon.ts';
import { closedByTalker, closedByYou } from './system-messages.ts';
import { changed, type Changes } from './wake-bus.ts';

export interface ChatState {
  readonly chat: Chat;
  readonly expires: number;
  /** `lastSeen` is cut to the minute: nobody needs to know more about the other. */
  readonly talker: { readonly present: boolean; readonly lastSeen: number | null };
}

export interface ChatServiceContext extends ReceivingContext, InvitingContext {}

/**
 * The use cases of a chat (protocol.md, "Resources" and "Life cycle"): each asks the rules, takes one
 * atomic step of the store, and wakes whoever should look again as soon as they can see it; the answer goes
 * when it lasts. Refusals are thrown as `Failure`.
 */
export interface ChatService extends Inviting, Receiving {
  /**
   * Who the bearer of the two tokens is; `null` unless they belong together and the chat is still there.
   *
   * @param userId `userIdOf` the user token that they bear: nobody proves anything by what the store has of it
   */
  authenticate(chatToken: Token, userId: UserId): Soon<Participant | null>;
  state(participant: Participant): Promise<ChatState>;
  /** Shows the talker that the participant types, or not any more; 409 unless the chat is ready. */
  signal(participant: Participant, signal: { readonly typing: boolean }): Promise<void>;
  /** Closes the chat for both; a second close changes nothing. */
  close(participant: Participant): Promise<void>;
  /** Puts messages into the talker's inbox, all or none; 409 unless the chat is ready, 429 when the inbox is full. */
  send(participant: Participant, messages: readonly OutgoingMessage[]): Soon<void>;
  /** Erases delivered messages from the caller's own inbox; ids that are not in it are ignored. */
  acknowledge(participant: Participant, ids: readonly Token[]): Soon<void>;
}

export function createChatService(context: ChatServiceContext): ChatService {
  const report = (event: ChatEvent, count = 1): void => {
    context.onEvent?.(event, count);
  };
  const receiving = createReceiving(context);
  const { acknowledge, ...others } = talking(context, report);
  return {
    ...createInviting(context),
    ...receiving,
    ...knowing(context),
    ...others,
    ...ending(context, report),
    // Whoever acknowledges has just had an answer, and polls again.
    acknowledge: (participant, ids) =>
      receiving.whileHere(participant, () => acknowledge(participant, ids)),
  };
}

type Report = (event: ChatEvent, count?: number) => void;

/** Who calls. */
const knowing = ({ store, clock, timing }: ChatServiceContext) => ({
  authenticate: (chatToken: Token, userId: UserId): Soon<Participant | null> => {
    const found = store.findParticipant({ chatToken, userId });
    return andThen(found, (participant) => {
      const created = participant?.created ?? 0;
      return isGone({ created, closed: null }, timing, clock.now()) ? null : participant;
    });
  },
});

/** What the two do while they are in it. */
function talking(context: ChatServiceContext, report: Report) {
  const { store, clock, timing, wakeBus, typing } = context;

  return {
    state: async (participant: Participant): Promise<ChatState> => {
      const inbox = await readInbox(context, participant, { at: clock.now() });
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
      const inbox = await readInbox(context, participant);
      const talker = expectReady(inbox.chat, participant.userId);
      const now = clock.now();
      // Who holds a poll is known to be there; anybody else has just shown it.
      if ((inbox.seenUntil ?? 0) <= now)
        await store.readInbox({ ...callerOf(participant), at: now });
      if (!signal.typing) await typing.end(keyOf(participant));
      // Whoever does not wait for an answer would see it too late.
      else if ((inbox.talkerSeenUntil ?? 0) > now) await typing.begin(keyOf(participant), now);
      else return;
      wakeBus.wake(keyIn(inbox.chat, talker), changed.typing);
    },
    send: (participant: Participant, messages: readonly OutgoingMessage[]): Soon<void> => {
      const { chatToken, userId } = participant;
      const onSeen = wakeTalker(context, userId, changed.inbox);
      const sent = andThen(endLifetimeIfOver(context, participant), () =>
        store.send({ chatToken, userId, at: clock.now(), messages, onSeen }),
      );
      return andThen(sent, (result) => {
        const chat = expectThere(context, result?.chat);
        if (result?.outcome === 'inbox full') throw failures.inboxFull();
        // Not of the chat itself: somebody may have closed it since the messages were stored.
        if (result?.outcome === 'not ready') throw notReady(chat);
        // A poll of the sender's own may wait to learn that more are on their way.
        wakeBus.wake(keyOf(participant), changed.waiting);
        report('sent', messages.length);
      });
    },
    acknowledge: (participant: Participant, ids: readonly Token[]): Soon<void> => {
      const { chatToken, userId } = participant;
      const onSeen = wakeTalker(context, userId, changed.waiting);
      const acknowledged = andThen(endLifetimeIfOver(context, participant), () =>
        store.acknowledge({ chatToken, userId, at: clock.now(), ids, onSeen }),
      );
      return andThen(acknowledged, (chat) => {
        expectThere(context, chat);
        report('acknowledged', ids.length);
      });
    },
  };
}

/** Tells the talker to look again as soon as there is something to see. */
const wakeTalker =
  ({ wakeBus }: ChatServiceContext, userId: UserId, changes: Changes) =>
  (chat: Chat): void => {
    const talker = talkerOf(chat, userId);
    if (talker !== null) wakeBus.wake(keyIn(chat, talker), changes);
  };

/** How a chat is closed by one of the two. */
function ending(context: ChatServiceContext, report: Report) {
  const { store, clock, wakeBus } = context;
  return {
    close: async (participant: Participant): Promise<void> => {
      await endLifetimeIfOver(context, participant);
      const { chatToken, role } = participant;
      const notices: Notices =
        role === 'creator'
          ? { creator: closedByYou(), joiner: closedByTalker() }
          : { creator: closedByTalker(), joiner: closedByYou() };
      const onSeen = (chat: Chat) => {
        wakeBoth(wakeBus, chat, CHAT_ENDS);
      };
      const closed = await store.close({ chatToken, at: clock.now(), notices, onSeen });
      if (closed === null) {
        expectThere(context, await store.find(chatToken));
        return;
      }
      report('closed');
    },
  };
}

/** The talker of a chat in which both can talk; 409 otherwise. */
function expectReady(chat: Chat, userId: UserId): UserId {
  const talker = talkerOf(chat, userId);
  if (chat.status !== 'ready' || talker === null) throw notReady(chat);
  return talker;
}

const notReady = ({ status }: Chat): Failure =>
  status === 'closed' ? failures.chatClosed() : failures.notReady();

const MINUTE_MS = 60_000;

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS;
