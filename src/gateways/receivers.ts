import type { Logger } from 'pino';
import { keyOf, type Participant, type ParticipantKey } from '../chat/chat.ts';
import type { ChatService } from '../chat/chat-service.ts';
import { Failure, failures, StorageUnavailable } from '../chat/failures.ts';
import type { Delivery, Known } from '../chat/delivery.ts';
import type { Receiver } from '../chat/held/receiver.ts';
import { HeldCounts } from '../http/held-counts.ts';
import type { Limits } from '../http/limits.ts';
import { refusals, type Token } from '../protocol.ts';

/**
 * Why a connection receives no more. `closed`: the chat is over, and its last messages were delivered;
 * `superseded`: the participant receives elsewhere now, over whatever protocol; `gone`: the chat is not there
 * any more; `stopping`, `unavailable`: the client should come back; `client gone`: nobody is left to be told.
 */
export type Ending = 'closed' | 'superseded' | 'gone' | 'stopping' | 'unavailable' | 'client gone';

/** What a protocol does for the receiver that it asked for. It is called by one receiver, never twice at once. */
export interface Listener {
  /**
   * Hands over what is new: `messages` are only those that this connection has not delivered yet, and may be
   * none. Called first as soon as the connection is the live receiver. It must not wait for a slow client;
   * what was delivered and is not proven is bounded by the inbox.
   */
  deliver(delivery: Delivery): void;
  /** What the client knows now of what is no message: `deliver` is called as soon as any of it has changed. */
  knows(delivery: Delivery): Known;
  /** The last call, and there is always one. What was delivered may still be proven after it. */
  ended(ending: Ending): void;
}

/** A connection that is its participant's live receiver. */
export interface LiveReceiver {
  /** Stands for all that has been delivered until now. */
  mark(): number;
  /**
   * The client has proven that it has all that had been delivered at a mark: the server forgets it. What
   * cannot be forgotten now stays, comes again after a reconnect, and is proven by the next proof, too. Never
   * rejects.
   */
  arrived(mark: number): Promise<void>;
  /** The client has gone, or shall receive no more. */
  end(): void;
}

export interface Receivers {
  /**
   * Makes a connection the participant's one live receiver; an older one ends, of whatever protocol. The
   * address's and the process' limits (`Limits.holdPoll`) are the caller's to ask.
   *
   * @throws {Failure} 429 when the participant has too many already or has read too much, 503 when the server stops
   */
  open(participant: Participant, listener: Listener): LiveReceiver;
  /** Opens none from now on; those that are open end as `stopping` with the long poller. */
  stop(): void;
}

/** Connections of one participant while one replaces another (gateways.md, "Limits"). */
const MOST_PER_PARTICIPANT = 3;

/** Milliseconds after which a connection that was one too many may try again. */
const TOO_MANY_RETRY_MS = 1000;

/** Milliseconds after which a server that stops has been replaced, as a rule. */
const STOPPING_RETRY_MS = 1000;

interface ReceiverOptions {
  readonly service: ChatService;
  readonly limits: Limits;
  readonly logger: Logger;
}

export function createReceivers({ service, limits, logger }: ReceiverOptions): Receivers {
  const open = new HeldCounts();
  let isStopping = false;

  const admit = (who: ParticipantKey): (() => void) => {
    if (isStopping) throw failures.unavailable(STOPPING_RETRY_MS);
    if (open.of(who) >= MOST_PER_PARTICIPANT) throw failures.tooManyRequests(TOO_MANY_RETRY_MS);
    return open.hold(who);
  };

  return {
    open: (participant, listener) => {
      limits.mayRead(participant);
      const release = admit(keyOf(participant));
      const live = new Live({ service, limits }, participant);
      void live.run(listener).then((ending) => {
        release();
        if (ending.error !== undefined) logger.error({ error: ending.error }, 'unexpected failure');
        listener.ended(ending.reason);
      });
      return live;
    },
    stop: () => {
      isStopping = true;
    },
  };
}

interface Ended {
  readonly reason: Ending;
  /** What nobody expected. */
  readonly error?: unknown;
}

/** A loop of held polls: every rule about when there is news, and when not any more, is theirs. */
class Live implements LiveReceiver {
  readonly #service: ChatService;
  readonly #limits: Limits;
  readonly #participant: Participant;
  readonly #receiver: Receiver;
  /** What the server may still show: delivered and unproven, or just forgotten. */
  readonly #got = new Set<Token>();
  /** Delivered and not forgotten yet, in order; the first of them was the `#forgotten`th of all. */
  #unproven: Token[] = [];
  #forgotten = 0;
  /** Forgotten by the server, but a poll under way may have read the inbox before. */
  readonly #settled = new Set<Token>();
  #hasEnded = false;
  #onEnd: () => void = () => undefined;

  constructor(
    { service, limits }: Pick<ReceiverOptions, 'service' | 'limits'>,
    participant: Participant,
  ) {
    this.#service = service;
    this.#limits = limits;
    this.#participant = participant;
    this.#receiver = service.receiver(participant);
  }

  mark(): number {
    return this.#forgotten + this.#unproven.length;
  }

  async arrived(mark: number): Promise<void> {
    const ids = this.#unproven.slice(0, Math.max(0, mark - this.#forgotten));
    if (ids.length === 0) return;
    try {
      await this.#service.acknowledge(this.#participant, ids);
    } catch {
      // The next proof tries again, or they come again.
      return;
    }
    const known = new Set(ids);
    const left = this.#unproven.filter((id) => !known.has(id));
    // Another proof may have been faster.
    this.#forgotten += this.#unproven.length - left.length;
    this.#unproven = left;
    for (const id of ids) this.#settled.add(id);
  }

  end(): void {
    this.#hasEnded = true;
    this.#onEnd();
  }

  async run(listener: Listener): Promise<Ended> {
    try {
      return { reason: await this.#receive(listener) };
    } catch (error) {
      return endingOf(error);
    } finally {
      this.#receiver.end();
    }
  }

  async #receive(listener: Listener): Promise<Ending> {
    let known: Known | null = null;
    for (;;) {
      const settled = [...this.#settled];
      const delivery = await this.#receiver.next({
        known,
        delivered: this.#got,
        onGone: (end) => {
          this.#onEnd = end;
          if (this.#hasEnded) end();
        },
      });
      if (delivery === null) return 'client gone';
      this.#forget(settled);
      const messages = this.#take(delivery);
      this.#limits.haveRead(this.#participant, messages);
      listener.deliver({ ...delivery, messages });
      if (delivery.status === 'closed') return 'closed';
      known = listener.knows(delivery);
    }
  }

  /** The messages that are new to this connection; from now on they are not. */
  #take({ messages }: Delivery): Delivery['messages'] {
    const fresh = messages.filter(({ _id }) => !this.#got.has(_id));
    for (const { _id } of fresh) {
      this.#got.add(_id);
      this.#unproven.push(_id);
    }
    return fresh;
  }

  /** No poll that begins now can show them any more. */
  #forget(settled: readonly Token[]): void {
    for (const id of settled) {
      this.#settled.delete(id);
      this.#got.delete(id);
    }
  }
}

function endingOf(error: unknown): Ended {
  if (error instanceof StorageUnavailable) return { reason: 'unavailable' };
  if (!(error instanceof Failure)) return { reason: 'unavailable', error };
  const { conflict, unavailable } = refusals;
  if (error.code === conflict.code) return { reason: 'superseded' };
  return { reason: error.code === unavailable.code ? 'stopping' : 'gone' };
}
