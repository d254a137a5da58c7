import {
  isPresent,
  keyOf,
  talkerOf,
  type Participant,
  type ParticipantKey,
  type UserId,
} from '../chat.ts';
import type { BegunPoll, Inbox } from '../chat-store.ts';
import type { ComingBack, Leavable } from './coming-back.ts';
import { isInboxNews, watchedBy, type Delivery } from '../delivery.ts';
import type { CountedSince } from '../counted-since.ts';
import { failures } from '../failures.ts';
import type { LongPoller } from '../long-poller.ts';
import type { Check, Poller, Polling } from './polling.ts';
import { closeIfAbsent, readInbox } from '../read-inbox.ts';
import type { HeldPoll, Holding, HoldOptions, Receiver, WithClient } from './receiver.ts';
import { RegisteredPoll } from './registered-poll.ts';
import { reportDelivery, toCheck, type CheckContext } from './to-check.ts';
import { andThen, type Soon } from '../soon.ts';
import { changed, type Changes } from '../wake-bus.ts';

export interface ReceivingContext extends CheckContext {
  readonly longPoller: LongPoller;
}

/** Milliseconds after which a server that stops has been replaced, as a rule. */
const STOPPING_RETRY_MS = 1000;

/** One receiver from its registration as the participant's newest poll to its end, over any number of requests. */
export class PollingReceiver implements Receiver, Holding, Leavable, Polling<Delivery> {
  readonly key: ParticipantKey;
  readonly #context: ReceivingContext;
  readonly #since: CountedSince;
  readonly #participant: Participant;
  /** Where it is between two requests; `null`: whoever asked for it keeps it. */
  readonly #comingBack: ComingBack<PollingReceiver> | null;
  readonly #poller: Poller;
  #registered: RegisteredPoll;
  #hasBegun = false;
  #talker: UserId | null = null;
  /** The request that is held. */
  #request: HeldPoll = NO_REQUEST;
  /**
   * When it was asked, in ms on the clock that never jumps; a connection that stays open has asked for all of its holds
   * with the first.
   */
  #askedAt = 0;
  /** Whether anything was read for it. */
  #hasRead = false;
  /** Whether it has been registered in the place of another one that was asked before it. */
  #hasInsisted = false;

  constructor(
    context: ReceivingContext,
    since: CountedSince,
    participant: Participant,
    comingBack: ComingBack<PollingReceiver> | null,
  ) {
    this.key = keyOf(participant);
    this.#context = context;
    this.#since = since;
    this.#participant = participant;
    this.#comingBack = comingBack;
    this.#registered = new RegisteredPoll(context, participant);
    this.#poller = context.longPoller.open(this);
  }

  get watches(): Changes {
    return watchedBy(this.#request.known);
  }

  next({ onGone, ...options }: HoldOptions & WithClient): Promise<Delivery | null> {
    return new Promise((answered, failed) => {
      const request = { ...options, answered, failed };
      const client = { hasGone: false };
      onGone(() => {
        client.hasGone = true;
        this.leave(request);
      });
      if (client.hasGone) answered(null);
      else this.hold(request);
    });
  }

  hold(request: HeldPoll): void {
    // What is never held would be asked for again at once.
    if (this.#hasBegun && this.#context.longPoller.isStopping()) {
      request.failed(failures.unavailable(STOPPING_RETRY_MS));
      return;
    }
    this.#request = request;
    if (!this.#hasBegun || this.#comingBack !== null) this.#askedAt = this.#context.clock.elapsed();
    this.#hasRead = false;
    this.#hasInsisted = false;
    this.#poller.hold(request.mostMs);
  }

  leave(request: HeldPoll): void {
    if (this.#request === request) this.#poller.leave();
  }

  answered(delivery: Delivery | null): void {
    const request = this.#takeRequest();
    // Who hangs up has said enough.
    const isMeasured = delivery !== null && request.mostMs !== undefined;
    this.#comingBack?.leave(this.key, this, isMeasured);
    request.answered(delivery);
  }

  failed(error: unknown): void {
    const request = this.#takeRequest();
    if (this.#comingBack !== null) {
      this.#comingBack.forget(this.key, this);
      this.end();
    }
    request.failed(error);
  }

  wokenBetween(changes: Changes): void {
    this.#comingBack?.woken(this.key, this, changes);
  }

  end(at = this.#context.clock.now()): void {
    this.#poller.close();
    // Nobody waits for this: should it get lost, the poll counts as held until its time is over.
    this.#leaveStore(at).catch(() => undefined);
  }

  check(): Soon<Check<Delivery>> {
    return andThen(this.#hasRead ? this.#readAgain() : this.#firstRead(), (inbox) =>
      this.#judge(inbox),
    );
  }

  #judge(inbox: Inbox): Soon<Check<Delivery>> {
    if (this.#mustReadAfresh(inbox)) {
      return andThen(this.#readAgain({ afresh: true }), (read) => this.#judge(read));
    }
    if (this.#mustInsist(inbox)) {
      this.#hasInsisted = true;
      return andThen(this.#beginAnew(), (begun) => this.#judge(begun));
    }
    const participant = this.#participant;
    const hasWaited = this.#hasRead;
    this.#hasRead = true;
    this.#hasBegun = true;
    this.#talker = talkerOf(inbox.chat, participant.userId);
    this.#registered.expectNewest(inbox);
    const options = this.#request;
    const found = toCheck(this.#context, this.#since, { participant, inbox, options });
    if (!hasWaited) return found;
    return andThen(found, (check) => {
      reportDelivery(this.#context, check.answer, options);
      return check;
    });
  }

  #takeRequest(): HeldPoll {
    const request = this.#request;
    this.#request = NO_REQUEST;
    return request;
  }

  #firstRead(): Soon<Inbox> {
    if (!this.#hasBegun) return this.#begin();
    // It is held on, unless a newer one has begun since: the read sees which.
    this.#registered.keep(this.#request.mostMs);
    return andThen(this.#readAgain(), (inbox) =>
      !this.#registered.isNewest(inbox) && this.#isNewestHere() ? this.#beginAnew() : inbox,
    );
  }

  /**
   * What is remembered lets a request wait, and never answers it: what says otherwise may be on its way, and whoever has
   * their answer to a send must not hear of the time before it.
   */
  #mustReadAfresh(inbox: Inbox): boolean {
    if (inbox.isRemembered !== true) return false;
    const { known } = this.#request;
    return (
      !this.#registered.isNewest(inbox) || isInboxNews(inbox, known, this.#context.clock.now())
    );
  }

  /**
   * Whether the newest poll is of a request that was asked before this one, and came to the store after it or when
   * nobody here heard of it. Once: two processes with clocks that disagree do not contend for ever.
   */
  #mustInsist(inbox: Inbox): boolean {
    if (this.#registered.isNewest(inbox) || this.#hasInsisted) return false;
    return this.#registered.isBefore(inbox, this.#askedFor());
  }

  /** Milliseconds since the request was asked. */
  #askedFor(): number {
    return this.#context.clock.elapsed() - this.#askedAt;
  }

  /** Of those that wait for their clients to come back; another one here began after this request. */
  #isNewestHere(): boolean {
    return this.#comingBack?.has(this.key, this) === true;
  }

  /** A client that has polled elsewhere meanwhile has ended that poll to begin this one. */
  #beginAnew(): Soon<Inbox> {
    this.#registered = new RegisteredPoll(this.#context, this.#participant);
    return this.#begin();
  }

  #begin(): Soon<Inbox> {
    return andThen(this.#registered.begin(this.#askedFor()), (inbox) => {
      this.#tellOthers(inbox);
      return this.#closeIfAbsent(inbox);
    });
  }

  #tellOthers({ chat, supersedes, wasSeenUntil, at }: BegunPoll & { readonly at: number }): void {
    if (supersedes) this.#poller.wakeOthers(changed.superseded);
    // Whoever waits for the talker to come back learns of it now.
    const talker = talkerOf(chat, this.#participant.userId);
    const hasCome = !isPresent(wasSeenUntil, at);
    if (hasCome && talker !== null) this.#tellOfPresence(talker);
  }

  #readAgain(how: { readonly afresh?: boolean } = {}): Soon<Inbox> {
    return andThen(readInbox(this.#context, this.#participant, how), (inbox) =>
      this.#closeIfAbsent(inbox),
    );
  }

  /** The talker learns of it, unless a newer poll of this participant is held. */
  async #leaveStore(at: number): Promise<void> {
    const hasEnded = await this.#registered.end(at);
    if (hasEnded && this.#talker !== null) this.#tellOfPresence(this.#talker);
  }

  #tellOfPresence(userId: UserId): void {
    const { chatToken } = this.#participant;
    this.#context.wakeBus.wake(keyOf({ chatToken, userId }), changed.presence);
  }

  #closeIfAbsent(inbox: Inbox): Soon<Inbox> {
    return closeIfAbsent(this.#context, this.#since, this.#participant, inbox);
  }
}

/** Stands for the request that is held while there is none. */
const NO_REQUEST: HeldPoll = {
  known: null,
  mostMs: undefined,
  answered: () => undefined,
  failed: () => undefined,
};
