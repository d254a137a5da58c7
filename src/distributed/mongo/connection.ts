import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db, MongoClient } from 'mongodb';
import { StorageUnavailable } from '../../chat/failures.ts';
import { within } from '../../process/time-limit.ts';
import { Availability } from './availability.ts';
import { createClient, databaseOf, type ConnectionOptions, type StageLimits } from './client.ts';
import {
  CHATS,
  USED_INVITATIONS,
  type ChatDocument,
  type UsedInvitationDocument,
} from './documents.ts';
import { DriverWatch } from './driver-watch.ts';
import { isPassing, isUnavailable, Unanswered, withoutContents } from './errors.ts';
import { ServerClock } from './server-clock.ts';

/** Milliseconds of the first pause before an operation is repeated; each further one is twice as long. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** Part of the time of an operation that one attempt has. */
const ATTEMPT_SHARE = 0.4;

/** Milliseconds between two replacements of the driver's client; twice as long each time without success. */
const FIRST_RENEWAL_PAUSE_MS = 1000;
const LONGEST_RENEWAL_PAUSE_MS = 30_000;

/** Milliseconds by which a server that is only slow is the first to give an attempt up. */
const ANSWER_ON_ITS_WAY_MS = 100;

/** One attempt of an operation. */
export interface Attempt {
  readonly db: Db;
  readonly chats: Collection<ChatDocument>;
  readonly usedInvitations: Collection<UsedInvitationDocument>;
  /** For the server: milliseconds after which it gives the attempt up. */
  readonly maxTimeMS: number;
  /** An earlier attempt failed; it may have been carried out, with only its answer lost. */
  readonly isRepeat: boolean;
}

/** How long an operation and one attempt of it may take. */
export interface Patience {
  readonly operationMs: number;
  readonly attemptMs: number;
}

interface Session {
  readonly client: MongoClient;
  readonly watch: DriverWatch;
  readonly db: Db;
}

/**
 * The connection to MongoDB, and how an operation is carried through: within a time limit, repeated
 * while the condition that stopped it may pass, and with errors in the contract's terms.
 */
export class MongoConnection {
  /** For what a participant waits for. */
  readonly quick: Patience;
  /** For what somebody waits for that deals with many chats. */
  readonly thorough: Patience;
  /** For what a worker does with many chats. */
  readonly long: Patience;
  readonly serverClock: ServerClock;
  readonly #options: ConnectionOptions;
  readonly #limits: StageLimits;
  #session: Session;
  readonly #availability: Availability;
  #isClosed = false;
  #renewalPauseMs = FIRST_RENEWAL_PAUSE_MS;
  #renewableAt = 0;
  /** Sessions whose operations may still end. */
  readonly #replaced = new Set<Session>();

  /**
   * Opens nothing: connections are made when they are needed.
   *
   * @throws Error with one line when the URI cannot be understood
   */
  constructor(options: ConnectionOptions) {
    const { operationTimeoutMs = 5000, batchTimeoutMs = 30_000 } = options;
    const attemptMs = operationTimeoutMs * ATTEMPT_SHARE;
    this.quick = { operationMs: operationTimeoutMs, attemptMs };
    this.thorough = { operationMs: operationTimeoutMs, attemptMs: operationTimeoutMs };
    this.long = { operationMs: batchTimeoutMs, attemptMs: batchTimeoutMs };
    this.serverClock = options.serverClock ?? new ServerClock();
    this.#options = options;
    this.#availability = new Availability(options.logger);
    this.#limits = { stageMs: attemptMs, answerMs: Math.max(operationTimeoutMs, batchTimeoutMs) };
    this.#session = this.#open();
  }

  /**
   * Carries an operation through.
   *
   * The driver repeats by itself what a replica set lets it repeat safely, once. This repeats what is
   * left, on every kind of server: each step recognises its own earlier success by its guard.
   *
   * @throws StorageUnavailable when the database did not answer in time
   */
  async run<Result>(
    step: (attempt: Attempt) => Promise<Result>,
    patience = this.quick,
  ): Promise<Result> {
    const deadline = performance.now() + patience.operationMs;
    for (let repeats = 0; ; repeats++) {
      const leftMs = Math.max(1, deadline - performance.now());
      try {
        const limitMs = Math.ceil(Math.min(patience.attemptMs, leftMs));
        const result = await this.#attempt(step, limitMs, repeats > 0);
        this.#renewalPauseMs = FIRST_RENEWAL_PAUSE_MS;
        this.#availability.answered();
        return result;
      } catch (error) {
        if (!isUnavailable(error)) throw withoutContents(error);
        this.#renewIfStuck();
        const pauseMs = pauseBefore(repeats);
        const isWorthIt = isPassing(error) && performance.now() + pauseMs < deadline;
        if (!isWorthIt) {
          const cause = withoutContents(error);
          if (!this.#isClosed) this.#availability.failed(cause);
          throw new StorageUnavailable(cause);
        }
        await sleep(pauseMs);
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#session, ...this.#replaced].map((session) => this.#end(session)));
  }

  async #attempt<Result>(
    step: (attempt: Attempt) => Promise<Result>,
    limitMs: number,
    isRepeat: boolean,
  ): Promise<Result> {
    // What comes late must not open a connection that nobody closes.
    if (this.#isClosed) throw new StorageUnavailable(new Error('The store is disconnected'));
    const { client, db, watch } = this.#session;
    const collections = {
      chats: db.collection<ChatDocument>(CHATS),
      usedInvitations: db.collection<UsedInvitationDocument>(USED_INVITATIONS),
    };
    // Only an explicit `connect` gets over a first one that failed; otherwise it does nothing.
    const result = client
      .connect()
      .then(() => step({ db, ...collections, maxTimeMS: limitMs, isRepeat }));
    watch.operation(result);
    // The driver has a limit for each stage of an operation, but none for the whole of it.
    return within(limitMs + ANSWER_ON_ITS_WAY_MS, result, () => {
      throw new Unanswered();
    });
  }

  #open(): Session {
    const client = createClient(this.#options, this.#limits);
    this.serverClock.watch(client);
    return {
      client,
      watch: new DriverWatch(client, this.#limits),
      db: databaseOf(client, this.#options),
    };
  }

  /**
   * A client that seems to have lost track of something is replaced; what it has under way may end.
   * Nothing worse than new connections follows when a server was only slow.
   */
  #renewIfStuck(): void {
    const now = performance.now();
    if (now < this.#renewableAt || !this.#session.watch.isStuck()) return;
    this.#renewableAt = now + this.#renewalPauseMs;
    this.#renewalPauseMs = Math.min(2 * this.#renewalPauseMs, LONGEST_RENEWAL_PAUSE_MS);
    const replaced = this.#session;
    this.#replaced.add(replaced);
    setTimeout(() => void this.#end(replaced), this.quick.operationMs).unref();
    this.#session = this.#open();
  }

  /** A client that has lost track of something may wait for it also when it is closed. */
  async #end(session: Session): Promise<void> {
    this.#replaced.delete(session);
    const closed = session.client.close().catch(() => undefined);
    await within(this.#limits.stageMs, closed, () => undefined);
  }
}

/** Twice as long each time, and never the same for all who were interrupted together. */
const pauseBefore = (repeats: number): number => {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(repeats, 10));
  return randomInt(Math.ceil(longest / 2), longest + 1);
};
