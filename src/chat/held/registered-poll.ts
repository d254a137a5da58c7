import { newToken, type Participant } from '../chat.ts';
import type { BegunPoll, Inbox, Poll } from '../chat-store.ts';
import { failures } from '../failures.ts';
import { endLifetimeIfOver, type ChatContext } from '../life-cycle.ts';
import { expectInbox } from '../read-inbox.ts';
import { andThen, type Soon } from '../soon.ts';
import { MOST_PATIENCE_MS } from './return-time.ts';

/**
 * Milliseconds for which a poll is registered beyond a hold, but no longer than a hold: so long it may go on before
 * that has to be written. A hold and this at the most somebody counts as present whose server was killed.
 */
const HELD_AHEAD_MS = 10_000;

/** Milliseconds that a registration outlasts a short hold: until its client is given up and that is written. */
const BEYOND_SHORT_HOLD_MS = MOST_PATIENCE_MS + 2000;

export interface RegisteringContext extends ChatContext {
  readonly longPoller: { readonly longestHoldMs: number };
}

/** A long poll as the store knows it: the participant's newest from its beginning until another one begins. */
export class RegisteredPoll {
  readonly #context: RegisteringContext;
  readonly #participant: Participant;
  readonly #pollId = newToken();
  #isSuperseded = false;
  /** Until when the store knows this poll to be held. */
  #heldUntil = 0;

  constructor(context: RegisteringContext, participant: Participant) {
    this.#context = context;
    this.#participant = participant;
  }

  /**
   * From now on it is the participant's newest, and an older one ends: in ms since the epoch, `at` is now.
   *
   * @param askedFor milliseconds since its request was asked. That is when it began, whatever kept it waiting: by
   * that time others judge whether it is newer than theirs
   */
  begin(askedFor: number): Soon<BegunPoll & { readonly at: number }> {
    return andThen(endLifetimeIfOver(this.#context, this.#participant), () => {
      const at = this.#context.clock.now();
      const until = this.#holdAhead(at);
      const poll = { ...this.#poll(at - Math.floor(askedFor)), until };
      return andThen(this.#context.store.beginPoll(poll), (begun) => {
        const inbox = expectInbox(this.#context, begun);
        this.#heldUntil = until;
        return { ...inbox, at };
      });
    });
  }

  /**
   * Whoever reads of this poll reads that it is held as long, at least, as the hold that begins now.
   *
   * @param mostMs milliseconds that it lasts at the most, where that is sooner than usual
   */
  keep(mostMs = Infinity): void {
    const { clock, longPoller, store } = this.#context;
    const at = clock.now();
    const aheadMs = this.#heldUntil - at;
    // It cannot be further ahead than that: the time of the machine was set back.
    const isSetBack = aheadMs > this.#holdAhead(0);
    const neededMs = Math.min(longPoller.longestHoldMs, mostMs + BEYOND_SHORT_HOLD_MS);
    if (aheadMs >= neededMs && !isSetBack) return;
    const until = this.#holdAhead(at);
    this.#heldUntil = until;
    // Nobody waits for this: should it get lost, the next hold writes it.
    store.keepPoll({ ...this.#poll(at), until }).catch(() => (this.#heldUntil = 0));
  }

  isNewest(inbox: Inbox): boolean {
    return inbox.poll === this.#pollId;
  }

  /**
   * Whether the participant's newest began before a request that was asked so many milliseconds ago. Rounded up: of one
   * moment the order of the store holds.
   */
  isBefore({ pollBegan }: Inbox, askedFor: number): boolean {
    return (pollBegan ?? -Infinity) < this.#context.clock.now() - Math.ceil(askedFor);
  }

  /** 409 when another one has begun since. */
  expectNewest(inbox: Inbox): void {
    this.#isSuperseded = !this.isNewest(inbox);
    if (this.#isSuperseded) throw failures.superseded();
  }

  /** Gives whether it was the newest: a newer one is a sign of life that stays. */
  async end(at: number): Promise<boolean> {
    return !this.#isSuperseded && (await this.#context.store.endPoll(this.#poll(at)));
  }

  #holdAhead(at: number): number {
    const { longestHoldMs } = this.#context.longPoller;
    return at + longestHoldMs + Math.min(longestHoldMs, HELD_AHEAD_MS);
  }

  #poll(at: number): Poll {
    const { chatToken, userId } = this.#participant;
    return { chatToken, userId, pollId: this.#pollId, at };
  }
}
