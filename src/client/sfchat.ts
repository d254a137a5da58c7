import { invitationLink } from '../crypto/index.ts';
import type { Status } from '../protocol.ts';
import type { Inbox, Membership } from './api/answers.ts';
import { newToken } from './api/token.ts';
import { createChanges, type Changes } from './changes.ts';
import { createClosing } from './closing.ts';
import { lifetimeMs, untilAnswered } from './connection/admission.ts';
import type { Channel } from './connection/channel.ts';
import { secureEventsOf, type Line, type Reading } from './connection/line.ts';
import { beginAnew } from './connection/secure-line.ts';
import { createSeat, joinSeat, type CreateOptions, type Seat } from './entering.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import type { ChatEvent, ClosedReason } from './events.ts';
import { createHeldTexts, type HeldTexts } from './held-texts.ts';
import type { Parts, SfChatOptions } from './opening.ts';
import { createOwnDeliveries, type OwnDeliveries } from './own-deliveries.ts';
import { refusalOf, RefusedText } from './refused-text.ts';
import { createTellingChannel } from './telling-channel.ts';

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
  readonly #events: EventQueue<ChatEvent> = createEventQueue();
  readonly #changes: Changes;
  readonly #deliveries: OwnDeliveries;
  readonly #held: HeldTexts;
  #status: Status = 'draft';
  readonly #closing = createClosing();
  #end: ClosedReason | undefined;
  readonly #cancelLifetime: () => void;

  private constructor({ parts, attempt, membership, line }: Seat) {
    this.invitation = { code: attempt.code, link: invitationLink(parts.server, attempt.code) };
    this.role = attempt.role;
    this.encrypted = membership.encrypted;
    this.#parts = parts;
    this.#membership = membership;
    this.#line = line;
    this.#held = createHeldTexts(line);
    this.#changes = createChanges(parts.clock);
    const tell = (event: ChatEvent): void => {
      this.#events.push(event);
    };
    this.#deliveries = createOwnDeliveries({
      tell,
      onSettled: this.#changes.tell,
    });
    this.#channel = this.#openChannel(tell);
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
    return new SfChat(await createSeat(options));
  }

  /**
   * Joins with a code or a link. The kind of the chat is the code's: there is no fallback to the other.
   *
   * @throws {NoInvitation} when there is no code in it.
   * @throws {Failure} 404: nobody has such a chat; 410: the invitation was used or is over; 0: no answer.
   * @throws {WrongKind} when the server's chat is of another kind than the code; it was closed.
   */
  static async join(invitation: string, options: SfChatOptions = {}): Promise<SfChat> {
    return new SfChat(await joinSeat(invitation, options));
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
      this.#deliveries.refuseLate(id, text);
      return id;
    }
    this.#deliveries.messages.add(id, text);
    this.#held.add(id, text);
    void this.#flush();
    return id;
  }

  /**
   * Resolves when nothing is under way any more: everything that was given to `send` has arrived, or the chat is over.
   *
   * @returns whether all of it has arrived. As long as the talker does not read, this waits.
   */
  async delivered(): Promise<boolean> {
    const { messages } = this.#deliveries;
    while (messages.underWay() > 0 && this.#end === undefined) await this.#changes.next();
    return messages.haveArrived();
  }

  /**
   * Tries another exchange of keys, after one that failed; five may be tried in one chat. What waits is sent when it succeeds.
   *
   * @returns whether another one was begun.
   */
  async exchangeAnew(): Promise<boolean> {
    const isBegun = await beginAnew(this.#line);
    if (isBegun) this.#sendUnlessOver();
    return isBegun;
  }

  /**
   * Closes the chat for both. What the talker has not read yet stays readable for some minutes.
   *
   * @throws {Failure} when the server gave no answer in four tries; the chat goes on then.
   */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    const reason = await this.#closing.byOneself(() =>
      untilAnswered(this.#parts, () => this.#parts.api.close(this.#membership)),
    );
    if (reason === undefined) {
      this.#channel.retryReceiving();
      await this.#changes.until(() => this.closed !== undefined, CLOSED_WITHIN_MS);
    }
    this.#finish(reason ?? 'you');
  }

  /** Stops without closing: the talker may go on writing to nobody until the server finds this one absent. */
  leave(): void {
    this.#finish('left');
  }

  #openChannel(tell: (event: ChatEvent) => void): Channel {
    return createTellingChannel({
      ...this.#parts,
      membership: this.#membership,
      line: this.#line,
      deliveries: this.#deliveries,
      closing: this.#closing,
      tell,
      onRead: (reading, inbox) => this.#onRead(reading, inbox),
      onReadFailed: () => {
        void this.#giveUp();
      },
      onEnd: (reason) => {
        this.#finish(reason);
      },
    });
  }

  async #onRead(reading: Reading, { status }: Inbox): Promise<void> {
    this.#setStatus(status);
    if (secureEventsOf(reading).some(({ type }) => type === 'secured')) await this.#flush();
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
      this.#sendUnlessOver();
    } catch {
      await this.#giveUp();
    }
    await this.#flush();
  }

  /** Sends what waits, in order, if it can be sent now. */
  async #flush(): Promise<void> {
    const { kind } = this.#line.secrecy();
    const isOpen = kind === 'encrypted' || (kind === 'plain' && this.#status === 'ready');
    if (!isOpen || this.#end !== undefined) return;
    try {
      if (await this.#held.release()) this.#sendUnlessOver();
    } catch {
      await this.#giveUp();
    }
  }

  /** It may have ended while a step was under way. */
  #sendUnlessOver(): void {
    if (this.closed === undefined) this.#channel.send();
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
    this.#deliveries.end();
    this.#events.push({ event: 'closed', reason });
    this.#events.end();
    this.#changes.tell();
  }
}
