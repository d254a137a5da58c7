import type { ChatStore, Expiry, Inbox, Notices } from './chat-store.ts';
import type { WakeBus } from './wake-bus.ts';
import {
  absentAt,
  expiresAt,
  INTRUDER_NOTICE_INTERVAL,
  isExpired,
  isGone,
  isPresent,
  newToken,
  talkerOf,
  type Chat,
  type Message,
  type OutgoingMessage,
  type Participant,
  type Status,
  type Timing,
  type Token,
} from './chat.ts';
import type { Clock } from './clock.ts';
import { failures } from './failures.ts';
import type { Glance, LongPoller } from './long-poller.ts';
import { closedByTalker, closedByYou, notice, welcome } from './system-messages.ts';

/** What happens to chats, for whoever counts it. Nothing in it identifies anyone. */
export type ChatEvent =
  'created' | 'joined' | 'closed' | 'absent' | 'expired' | 'intruder' | 'sent' | 'acknowledged';

export interface ChatServiceParts {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly longPoller: LongPoller;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly onEvent?: (event: ChatEvent, count: number) => void;
}

/** What a participant gets who has just created or joined a chat. */
export interface Admission {
  readonly chat: Chat;
  readonly userToken: Token;
  /** When the chat's lifetime ends, in ms since the epoch. */
  readonly expires: number;
}

export interface ChatState extends Omit<Admission, 'userToken'> {
  readonly talker: { readonly present: boolean; readonly lastSeen: number | null };
}

/** An answer to a receiver: the whole inbox, oldest first. */
export interface Delivery {
  readonly status: Status;
  readonly messages: readonly Message[];
}

/**
 * The use cases of a chat (protocol.md, "Resources" and "Life cycle"): each asks the rules, takes one
 * atomic step of the store, and wakes whoever should look again. Refusals are thrown as `Failure`.
 */
export class ChatService {
  readonly #parts: ChatServiceParts;
  readonly #startedAt: number;

  constructor(parts: ChatServiceParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** Opens a draft, under the client's own chat token if it brings one (409 when that is taken). */
  async create(wish: { chatToken?: Token; encrypted: boolean }): Promise<Admission> {
    const { store, clock } = this.#parts;
    const chat: Chat = {
      token: wish.chatToken ?? newToken(),
      status: 'draft',
      encrypted: wish.encrypted,
      created: clock.now(),
      closed: null,
      creator: newToken(),
      joiner: null,
    };
    const isNew = await store.create(chat, welcome(chat.token, chat.encrypted));
    if (!isNew) throw failures.chatTokenTaken();
    this.#report('created');
    return this.#admit(chat, chat.creator);
  }

  /** Makes the caller the second participant; of simultaneous callers exactly one. 404 or 410 otherwise. */
  async join(chatToken: Token): Promise<Admission> {
    const { store, clock, timing, wakeBus } = this.#parts;
    const userToken = newToken();
    const at = clock.now();
    const chat = await store.join({
      chatToken,
      userToken,
      at,
      createdAfter: at - timing.lifetime,
      notices: { creator: notice('joined'), joiner: notice('ready') },
    });
    if (chat === null) return this.#refuseJoin(chatToken, at);
    wakeBus.wake(chat.creator);
    this.#report('joined');
    return this.#admit(chat, userToken);
  }

  /** Whom the two tokens name; 401 unless they belong together and the chat is still there. */
  async authenticate(chatToken: Token, userToken: Token): Promise<Participant> {
    const { store, clock, timing } = this.#parts;
    const participant = await store.findParticipant(chatToken, userToken);
    if (participant === null || isGone({ ...participant, closed: null }, timing, clock.now())) {
      throw failures.unauthorized();
    }
    return participant;
  }

  async state(participant: Participant): Promise<ChatState> {
    const { clock, timing } = this.#parts;
    const { chat, talkerSeenUntil } = await this.#read(participant, clock.now());
    const now = clock.now();
    return {
      chat,
      expires: expiresAt(chat, timing),
      talker: {
        present: chat.status !== 'closed' && isPresent(talkerSeenUntil, now),
        // A held poll is a sign of life that goes on: seen now, not at its end.
        lastSeen: talkerSeenUntil === null ? null : Math.min(talkerSeenUntil, now),
      },
    };
  }

  /** Closes the chat for both; a second close changes nothing. */
  async close(participant: Participant): Promise<void> {
    const { store, clock } = this.#parts;
    await this.#endLifetimeIfOver(participant);
    const { chatToken, role } = participant;
    const notices: Notices =
      role === 'creator'
        ? { creator: closedByYou(), joiner: closedByTalker() }
        : { creator: closedByTalker(), joiner: closedByYou() };
    const closed = await store.close({ chatToken, at: clock.now(), notices });
    if (closed === null) {
      this.#expectThere(await store.find(chatToken));
      return;
    }
    wakeBoth(this.#parts.wakeBus, closed);
    this.#report('closed');
  }

  /** Puts messages into the talker's inbox, all or none; 409 unless the chat is ready, 429 when the inbox is full. */
  async send(participant: Participant, messages: readonly OutgoingMessage[]): Promise<void> {
    const { store, clock, wakeBus } = this.#parts;
    await this.#endLifetimeIfOver(participant);
    const { chatToken, userToken } = participant;
    const result = await store.send({ chatToken, userToken, at: clock.now(), messages });
    const chat = this.#expectThere(result?.chat);
    if (result?.outcome === 'inbox full') throw failures.inboxFull();
    if (result?.outcome === 'not ready') {
      throw chat.status === 'closed' ? failures.chatClosed() : failures.notReady();
    }
    const talker = talkerOf(chat, userToken);
    if (talker !== null) wakeBus.wake(talker);
    this.#report('sent', messages.length);
  }

  /** Erases delivered messages from the caller's own inbox; ids that are not in it are ignored. */
  async acknowledge(participant: Participant, ids: readonly Token[]): Promise<void> {
    const { store, clock } = this.#parts;
    await this.#endLifetimeIfOver(participant);
    const { chatToken, userToken } = participant;
    this.#expectThere(await store.acknowledge({ chatToken, userToken, at: clock.now(), ids }));
    this.#report('acknowledged', ids.length);
  }

  /** What is in the inbox now. */
  async receive(participant: Participant): Promise<Delivery> {
    return toDelivery(await this.#look(participant, this.#parts.clock.now()));
  }

  /**
   * What is in the inbox as soon as there is something; nothing when the hold is over, `null` when the
   * client has gone, 409 when the participant polls anew elsewhere.
   */
  async hold(
    participant: Participant,
    onGone: (listener: () => void) => void,
  ): Promise<Delivery | null> {
    const { store, clock, longPoller } = this.#parts;
    const { chatToken, userToken } = participant;
    const pollId = newToken();
    let hasBegun = false;
    const look = async (): Promise<Glance<Delivery>> => {
      const inbox = hasBegun
        ? await this.#look(participant)
        : await this.#beginPoll(participant, pollId);
      hasBegun = true;
      if (inbox.poll !== pollId) throw failures.superseded();
      return this.#glance(inbox);
    };
    try {
      return await longPoller.hold({ userToken, look, onGone });
    } finally {
      // Nobody waits for this: should it get lost, the poll counts as held until its time is over.
      store.endPoll({ chatToken, userToken, pollId, at: clock.now() }).catch(() => undefined);
    }
  }

  async #beginPoll(participant: Participant, pollId: Token): Promise<Inbox> {
    const { store, clock, longPoller, wakeBus } = this.#parts;
    await this.#endLifetimeIfOver(participant);
    const { chatToken, userToken } = participant;
    const at = clock.now();
    const until = at + longPoller.longestHold;
    const inbox = await store.beginPoll({ chatToken, userToken, pollId, at, until });
    if (inbox?.supersedes === true) wakeBus.wake(userToken);
    return this.#closeIfAbsent(participant, this.#expectInbox(inbox));
  }

  /** The inbox after everything that time alone has done to the chat. `at`: also a sign of life. */
  async #look(participant: Participant, at?: number): Promise<Inbox> {
    return this.#closeIfAbsent(participant, await this.#read(participant, at));
  }

  async #read(participant: Participant, at?: number): Promise<Inbox> {
    await this.#endLifetimeIfOver(participant);
    const { chatToken, userToken } = participant;
    const visit = { chatToken, userToken, ...(at !== undefined && { at }) };
    return this.#expectInbox(await this.#parts.store.look(visit));
  }

  #glance(inbox: Inbox): Glance<Delivery> {
    const { timing } = this.#parts;
    const { chat, messages, talkerSeenUntil } = inbox;
    const leaves =
      chat.status === 'ready' ? absentAt(talkerSeenUntil, this.#startedAt, timing) : Infinity;
    return {
      answer: toDelivery(inbox),
      isNews: messages.length > 0 || chat.status === 'closed',
      changesAt: Math.min(expiresAt(chat, timing), leaves),
    };
  }

  /** Closes a ready chat whose talker left (protocol.md, "Absence"), and reads it again. */
  async #closeIfAbsent(participant: Participant, inbox: Inbox): Promise<Inbox> {
    const { store, clock, timing } = this.#parts;
    const { chat, talkerSeenUntil } = inbox;
    const talker = talkerOf(chat, participant.userToken);
    const at = clock.now();
    const hasLeft = at >= absentAt(talkerSeenUntil, this.#startedAt, timing);
    if (chat.status !== 'ready' || talker === null || !hasLeft) return inbox;

    const closed = await store.close({
      chatToken: chat.token,
      at,
      notices: { creator: notice('absent'), joiner: notice('absent') },
      unlessSeen: { userToken: talker, since: at - timing.absenceCloseAfter },
    });
    if (closed !== null) {
      wakeBoth(this.#parts.wakeBus, closed);
      this.#report('absent');
    }
    return this.#read(participant);
  }

  /** A chat over its lifetime is closed by whoever touches it first, a worker or a participant. */
  async #endLifetimeIfOver({ chatToken, created }: Participant): Promise<void> {
    const { store, clock, timing } = this.#parts;
    if (!isExpired({ created }, timing, clock.now())) return;
    const expired = await store.expire([expiryOf({ token: chatToken, created }, timing)]);
    if (expired > 0) this.#report('expired');
  }

  async #refuseJoin(chatToken: Token, at: number): Promise<never> {
    const { store, timing } = this.#parts;
    const chat = await store.find(chatToken);
    if (chat === null || isExpired(chat, timing, at) || isGone(chat, timing, at)) {
      throw failures.invalidCode();
    }
    if (chat.status === 'ready') await this.#noticeIntruder(chatToken, at);
    throw failures.invitationUsed();
  }

  async #noticeIntruder(chatToken: Token, at: number): Promise<void> {
    const noticed = await this.#parts.store.noticeIntruder({
      chatToken,
      at,
      notSince: at - INTRUDER_NOTICE_INTERVAL,
      notices: { creator: notice('intruder'), joiner: notice('intruder') },
    });
    if (noticed === null) return;
    wakeBoth(this.#parts.wakeBus, noticed);
    this.#report('intruder');
  }

  #admit(chat: Chat, userToken: Token): Admission {
    return { chat, userToken, expires: expiresAt(chat, this.#parts.timing) };
  }

  /** 401 for a chat that is not there, or only waits to be removed. */
  #expectThere(chat: Chat | null | undefined): Chat {
    const { clock, timing } = this.#parts;
    if (chat == null || isGone(chat, timing, clock.now())) throw failures.unauthorized();
    return chat;
  }

  #expectInbox(inbox: Inbox | null): Inbox {
    if (inbox === null) throw failures.unauthorized();
    this.#expectThere(inbox.chat);
    return inbox;
  }

  #report(event: ChatEvent, count = 1): void {
    this.#parts.onEvent?.(event, count);
  }
}

/** Tells both participants to look again. */
export function wakeBoth(wakeBus: WakeBus, { creator, joiner }: Chat): void {
  wakeBus.wake(creator);
  if (joiner !== null) wakeBus.wake(joiner);
}

/** The step that ends a chat's lifetime: it counts as closed since the moment it was over. */
export const expiryOf = (chat: Pick<Chat, 'token' | 'created'>, timing: Timing): Expiry => ({
  chatToken: chat.token,
  closed: expiresAt(chat, timing),
  notices: { creator: notice('expired'), joiner: notice('expired') },
});

const toDelivery = ({ chat, messages }: Inbox): Delivery => ({ status: chat.status, messages });
