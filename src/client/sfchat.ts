import type { Failure } from '../chat/failures.ts';
import { invitationLink, type SecureEvent } from '../crypto/index.ts';
import { refusals, type Status } from '../protocol.ts';
import type { Inbox, Membership } from './api/answers.ts';
import { toFailure } from './api/no-answer.ts';
import { newToken } from './api/token.ts';
import {
  admit,
  kindOf,
  lifetimeMs,
  newChat,
  newJoin,
  untilAnswered,
  type Attempt,
} from './connection/admission.ts';
import { createChannel, type Channel } from './connection/channel.ts';
import type { Stage } from './connection/deliveries.ts';
import { keyOf, secureEventsOf, type Line, type Reading } from './connection/line.ts';
import type { ReceiverEnd } from './connection/receiver.ts';
import { isHandshakeLimit } from './connection/secure-line.ts';
import { sleep } from './connection/sleep.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import type { ChatEvent, ClosedReason } from './events.ts';
import { eventsOf } from './news-events.ts';
import { openLine, partsOf, type Parts, type SfChatOptions } from './opening.ts';
import { createOwnMessages } from './own-messages.ts';
import { refusalOf, RefusedText } from './refused-text.ts';
import { NoInvitation, readInvitation } from './server-address.ts';

export interface CreateOptions extends SfChatOptions {
  /** Without encryption, for talkers whose client knows none: the server can read everything. */
  readonly plain?: boolean;
}

// A chat that was closed says so by itself; whoever closed it does not wait for ever to hear that.
const CLOSED_WITHIN_MS = 3_000;

/**
 * One participant of one chat, end-to-end encrypted unless the invitation is a plain chat's. Receives, answers and
 * repeats what the network loses by itself, from the moment it exists until the chat is over; its iterator says
 * what happens. Keys, texts and tokens are in memory alone: when the process ends, nobody can take this seat again.
 *
 * ```js
 * const chat = await SfChat.create({ server: 'https://chat.example' });
 * for await (const event of chat) if (event.event === 'message') chat.send(`You said: ${event.text}`);
 * ```
 */
export class SfChat implements AsyncIterable<ChatEvent> {
  /** The code and the link to hand over; what was joined with, for a joiner. */
  readonly invitation: { readonly code: string; readonly link: string };
  readonly role: 'creator' | 'joiner';
  readonly encrypted: boolean;

  readonly #parts: Parts;
  readonly #membership: Membership;
  readonly #line: Line;
  readonly #channel: Channel;
  readonly #messages = createOwnMessages();
  readonly #events: EventQueue<ChatEvent> = createEventQueue();
  readonly #shown = new Set<string>();
  /** Texts that wait for the talker, or for keys. */
  #held: { readonly id: string; readonly text: string }[] = [];
  #status: Status = 'draft';
  #isClosing = false;
  #closedBy: ClosedReason | undefined;
  #end: ClosedReason | undefined;
  #isConnected = true;
  #waiting: (() => void)[] = [];
  readonly #contradicted = new Set<string>();
  readonly #cancelLifetime: () => void;

  private constructor(parts: Parts, attempt: Attempt, membership: Membership, line: Line) {
    this.invitation = { code: attempt.code, link: invitationLink(parts.server, attempt.code) };
    this.role = attempt.role;
    this.encrypted = membership.encrypted;
    this.#parts = parts;
    this.#membership = membership;
    this.#line = line;
    this.#channel = this.#openChannel();
    this.#cancelLifetime = parts.clock.after(lifetimeMs(membership), () => {
      this.#finish('expired');
    });
    if (this.role === 'creator') this.#events.push({ event: 'invitation', ...this.invitation });
    this.#setStatus(membership.status);
    this.#channel.receive();
  }

  /**
   * Creates a chat.
   *
   * @throws {Failure} with the `code` of the server's refusal; 0 when it gave no answer in four tries.
   * @throws {WrongKind} when the server's chat is not encrypted although it should be, or the other way round.
   * @throws {TypeError} when `server` is no address.
   */
  static async create(options: CreateOptions = {}): Promise<SfChat> {
    const parts = partsOf(options, undefined);
    const kind = options.plain === true ? 'plain' : 'encrypted';
    try {
      return await SfChat.#enter(parts, await newChat(kind));
    } catch (thrown) {
      if (toFailure(thrown).code !== refusals.conflict.code) throw thrown;
      return SfChat.#enter(parts, await newChat(kind));
    }
  }

  /**
   * Joins with a code or a link. The kind of the chat is the code's: there is no fallback to the other.
   *
   * @throws {NoInvitation} when there is no code in it.
   * @throws {Failure} 404: nobody has such a chat; 410: the invitation was used or is over; 0: no answer.
   * @throws {WrongKind} when the server's chat is of another kind than the code; it was closed.
   */
  static async join(invitation: string, options: SfChatOptions = {}): Promise<SfChat> {
    const found = readInvitation(invitation);
    if (!found) throw new NoInvitation();
    return SfChat.#enter(partsOf(options, found.server), await newJoin(found.invitation));
  }

  static async #enter(parts: Parts, attempt: Attempt): Promise<SfChat> {
    const membership = await admit(parts, attempt);
    return new SfChat(parts, attempt, membership, await openLine(attempt, kindOf(attempt.code)));
  }

  /** What happens, from the beginning; each event is given once. Ends when the chat is over. */
  [Symbol.asyncIterator](): AsyncIterator<ChatEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  /** Why the chat is over; undefined while it goes on. */
  get closed(): ClosedReason | undefined {
    return this.#end;
  }

  /**
   * Sends a text as soon as that is possible: when the talker is there, the keys are confirmed and the server answers.
   *
   * @returns the id by which events tell of it.
   * @throws {RefusedText} when it is no message, or the chat is over.
   */
  send(text: string): string {
    const refusal = refusalOf(text);
    if (refusal) throw new RefusedText(refusal);
    const id = newToken();
    if (this.#end !== undefined) {
      this.#events.push({ event: 'refused', id, text, reason: OVER });
      return id;
    }
    this.#messages.add(id, text);
    this.#held.push({ id, text });
    void this.#flush();
    return id;
  }

  /**
   * Resolves when nothing is under way any more: everything that was given to `send` has arrived, or the chat is over.
   *
   * @returns whether all of it has arrived. As long as the talker does not read, this waits.
   */
  async delivered(): Promise<boolean> {
    while (this.#messages.underWay() > 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#messages.haveArrived();
  }

  /**
   * Tries another exchange of keys, after one that failed; five may be tried in one chat. What waits is sent when it succeeds.
   *
   * @returns whether another one was begun.
   */
  async exchangeAnew(): Promise<boolean> {
    try {
      await this.#line.exchangeAnew();
    } catch (thrown) {
      if (isHandshakeLimit(thrown)) return false;
      throw thrown;
    }
    this.#channel.send();
    return true;
  }

  /**
   * Closes the chat for both. What the talker has not read yet stays readable for some minutes.
   *
   * @throws {Failure} when the server gave no answer in four tries; the chat goes on then.
   */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#isClosing = true;
    try {
      await untilAnswered(this.#parts, () => this.#parts.api.close(this.#membership));
    } catch (thrown) {
      this.#isClosing = false;
      if (toFailure(thrown).code !== refusals.unauthorized.code) throw thrown;
      this.#finish(this.#closedBy ?? 'removed');
      return;
    }
    this.#channel.retryReceiving();
    await this.#ended(CLOSED_WITHIN_MS);
    this.#finish('you');
  }

  /** Stops without closing: the talker may go on writing to nobody until the server finds this one absent. */
  leave(): void {
    this.#finish('left');
  }

  #openChannel(): Channel {
    const { api, clock, makeBackoff } = this.#parts;
    return createChannel({
      tokens: this.#membership,
      api,
      line: this.#line,
      messages: this.#messages,
      clock,
      makeBackoff,
      events: {
        onReading: (reading, inbox) => this.#onReading(reading, inbox),
        onReadFailed: () => {
          void this.#giveUp();
        },
        onStage: (id, stage) => {
          this.#onStage(id, stage);
        },
        onContradiction: (id) => {
          this.#contradicted.add(id);
        },
        onConnected: () => {
          if (!this.#isConnected) this.#channel.retrySending();
          this.#setConnected(true);
        },
        onTrying: () => undefined,
        onReceiveWaiting: (_failure, retryAt) => {
          this.#setConnected(false, retryAt);
        },
        onSent: () => undefined,
        onSendWaiting: () => undefined,
        onRefused: (id, failure) => {
          this.#onRefused(id, failure);
        },
        onEnd: (end) => {
          this.#onEnd(end);
        },
      },
    });
  }

  async #onReading(reading: Reading, { status }: Inbox): Promise<void> {
    for (const news of reading) {
      const key = keyOf(news);
      if (this.#shown.has(key)) continue;
      this.#shown.add(key);
      if (news.kind === 'system') this.#noteEnding(news.event);
      for (const event of eventsOf(news)) this.#events.push(event);
    }
    this.#setStatus(status);
    if (secureEventsOf(reading).some(isSecured)) await this.#flush();
  }

  #noteEnding(event: string | undefined): void {
    if (event === 'closed') this.#closedBy = this.#isClosing ? 'you' : 'talker';
    if (event === 'absent' || event === 'expired') this.#closedBy = event;
  }

  #setStatus(status: Status): void {
    // An older answer may arrive after a newer one; a chat only moves forward.
    if (status === this.#status || status === 'draft' || this.#status === 'closed') return;
    this.#status = status;
    if (status !== 'ready') return;
    this.#events.push({ event: 'joined' });
    void this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      await this.#line.begin();
    } catch {
      await this.#giveUp();
      return;
    }
    this.#channel.send();
    await this.#flush();
  }

  /** Sends what waits, in order, if it can be sent now. */
  async #flush(): Promise<void> {
    const { kind } = this.#line.secrecy();
    const isOpen = kind === 'encrypted' || (kind === 'plain' && this.#status === 'ready');
    if (!isOpen || this.#end !== undefined) return;
    const held = this.#held;
    this.#held = [];
    try {
      await Promise.all(held.map(({ id, text }) => this.#line.write(id, text)));
    } catch {
      await this.#giveUp();
      return;
    }
    if (held.length > 0 && !this.#isOver()) this.#channel.send();
  }

  #onStage(id: string, stage: Stage): void {
    switch (stage) {
      case 'sent':
        this.#events.push({ event: 'sent', id, text: this.#messages.textOf(id) });
        return;
      case 'delivered':
      case 'confirmed':
        this.#events.push({ event: 'delivered', id, confirmed: stage === 'confirmed' });
        break;
      case 'unconfirmed':
        this.#events.push({
          event: 'warning',
          reason: this.#contradicted.has(id) ? 'contradiction' : 'not confirmed',
          id,
        });
        break;
      case 'repeated':
        return;
    }
    this.#settle();
  }

  #onRefused(id: string, failure: Failure): void {
    const text = this.#messages.textOf(id);
    this.#messages.remove(id);
    this.#events.push({ event: 'refused', id, text, reason: failure.message });
    this.#settle();
  }

  #setConnected(connected: boolean, retryAt?: number): void {
    if (connected && this.#isConnected) return;
    this.#isConnected = connected;
    this.#events.push({
      event: 'connection',
      connected,
      ...(retryAt !== undefined && { retryAt }),
    });
  }

  #onEnd(end: ReceiverEnd): void {
    if (end === 'closed') this.#finish(this.#closedBy ?? (this.#isClosing ? 'you' : 'talker'));
    else if (end === 'superseded') this.#finish('superseded');
    else this.#finish(this.#closedBy ?? (this.#isClosing ? 'you' : 'removed'));
  }

  /** Without keys nothing can go on, and the talker must not wait for nobody. */
  async #giveUp(): Promise<void> {
    if (this.#end !== undefined) return;
    await this.#parts.api.close(this.#membership).catch(() => undefined);
    this.#finish('no keys');
  }

  #finish(reason: ClosedReason): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#cancelLifetime();
    this.#channel.stop();
    for (const { id, stage } of this.#messages.own()) {
      if (stage !== undefined) continue;
      this.#events.push({ event: 'refused', id, text: this.#messages.textOf(id), reason: OVER });
    }
    this.#events.push({ event: 'closed', reason });
    this.#events.end();
    this.#settle();
  }

  // A function: the compiler takes a field that was undefined once to be so for ever.
  #isOver(): boolean {
    return this.#end !== undefined;
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when the chat is over, or after so many milliseconds. */
  async #ended(withinMs: number): Promise<void> {
    const enough = new AbortController();
    const isOver = (): void => {
      if (this.#end === undefined) this.#waiting.push(isOver);
      else enough.abort();
    };
    isOver();
    await sleep(this.#parts.clock, withinMs, enough.signal);
  }
}

const OVER = 'the chat is over';

const isSecured = ({ type }: SecureEvent): boolean => type === 'secured';
