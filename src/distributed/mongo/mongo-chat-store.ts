import type { Logger } from 'pino';
import { participantOf, type Chat, type Participant, type Timing } from '../../chat/chat.ts';
import type {
  Acknowledgement,
  BegunPoll,
  Caller,
  ChatStore,
  Close,
  Creation,
  Expiry,
  FinishedPage,
  Inbox,
  IntruderNotice,
  Join,
  ListPage,
  OverduePage,
  Poll,
  Send,
  SendResult,
} from '../../chat/chat-store.ts';
import type { Status, Token } from '../../protocol.ts';
import { Batcher } from './batches.ts';
import type { ConnectionOptions } from './client.ts';
import { MongoConnection, type Patience } from './connection.ts';
import { readDocuments, toId } from './documents.ts';
import { inServerTime } from './in-server-time.ts';
import { startIndexKeeper } from './index-keeper.ts';
import { ensureIndexes } from './indexes.ts';
import type { KeptPoll } from './kept-polls.ts';
import { LifeSteps } from './life-steps.ts';
import { MessageSteps } from './message-steps.ts';
import { findOne } from './operations.ts';
import { findParticipants } from './participant-reads.ts';
import { PresenceSteps } from './presence-steps.ts';
import { RecentChats } from './recent-chats.ts';
import type { ServerClock } from './server-clock.ts';
import { together } from './store-parts.ts';
import { Upkeep } from './upkeep.ts';

/** Milliseconds after which the database counts as away when it is asked whether it is there. */
const PING_TIMEOUT_MS = 2000;

/** For making the indexes. */
const INDEX_PATIENCE: Patience = { operationMs: 30_000, attemptMs: 10_000 };

export interface MongoChatStoreOptions extends ConnectionOptions {
  /** The TTL index follows from them: it removes a chat an hour after a worker should have. */
  readonly timing: Timing;
  /** For chats that do not say so themselves, written by others. */
  readonly absenceCloseAfterMs: number;
  /** Hears once when the storage cannot be used yet, and once when it can. */
  readonly logger?: Logger | undefined;
  /** How many chats are remembered so that authenticating whoever is in them costs no round trip (50,000). */
  readonly rememberedChats?: number | undefined;
}

/**
 * Opens a store of chats in MongoDB. It is there at once: connections are made when they are needed, and the
 * indexes (`indexes.ts`) in the background as soon as the server lets them. While it is away every
 * operation rejects with `StorageUnavailable`; so it does while access is denied.
 *
 * @throws Error with one line when the URI cannot be understood
 */
export function createMongoChatStore(options: MongoChatStoreOptions): ChatStore {
  const store = new MongoChatStore(options);
  return inServerTime(store, store.serverClock);
}

/**
 * Chats in MongoDB: one document for each (protocol.md, "Collection chats"), every step one update of
 * it with its guard in the filter or the update. Any number of processes may share the database.
 *
 * Sending, acknowledging, reading and polling take one round trip each. A refused step may take a
 * second one, to find out whether it is only the repeat of one that succeeded with its answer lost.
 */
class MongoChatStore implements ChatStore {
  readonly serverClock: ServerClock;
  readonly #connection: MongoConnection;
  readonly #recentChats: RecentChats;
  readonly #life: LifeSteps;
  readonly #messages: MessageSteps;
  readonly #presence: PresenceSteps;
  readonly #upkeep: Upkeep;
  readonly #participants: Batcher<Caller, Chat | null>;
  readonly #stopIndexKeeper: () => void;

  constructor(options: MongoChatStoreOptions) {
    const { timing, absenceCloseAfterMs, logger, rememberedChats = 50_000 } = options;
    const connection = new MongoConnection(options);
    const recentChats = new RecentChats(rememberedChats);
    const read = readDocuments(absenceCloseAfterMs);
    const parts = { connection, recentChats, read };
    this.#connection = connection;
    this.serverClock = connection.serverClock;
    this.#recentChats = recentChats;
    this.#life = new LifeSteps(parts);
    this.#messages = new MessageSteps(parts);
    this.#presence = new PresenceSteps(parts);
    this.#upkeep = new Upkeep(parts);
    this.#participants = new Batcher({
      ask: (callers) => connection.run((attempt) => findParticipants(attempt, callers, read)),
      ...together,
    });
    this.#stopIndexKeeper = startIndexKeeper({
      logger,
      makeIndexes: async () => {
        // Whoever waits for a server that is away is told sooner than one who waits for indexes.
        await this.ping();
        await connection.run(({ db }) => ensureIndexes(db, timing), INDEX_PATIENCE);
      },
    });
  }

  create(creation: Creation): Promise<{ readonly chat: Chat; readonly isNew: boolean } | null> {
    return this.#life.create(creation);
  }

  find(chatToken: Token): Promise<Chat | null> {
    return this.#life.find(chatToken);
  }

  wasRemoved(chatToken: Token, after: number): Promise<boolean> {
    return this.#life.wasRemoved(chatToken, after);
  }

  async findParticipant({ chatToken, userId }: Caller): Promise<Participant | null> {
    const caller = { chatToken, userId };
    const known = this.#recentChats.get(caller);
    if (known !== undefined) return participantOf(known, userId);
    const found = await this.#participants.ask(caller);
    return found === null ? null : participantOf(this.#recentChats.add(found), userId);
  }

  join(join: Join): Promise<Chat | null> {
    return this.#life.join(join);
  }

  send(send: Send): Promise<SendResult | null> {
    return this.#messages.send(send);
  }

  acknowledge(acknowledgement: Acknowledgement): Promise<Chat | null> {
    return this.#messages.acknowledge(acknowledgement);
  }

  close(close: Close): Promise<Chat | null> {
    return this.#life.close(close);
  }

  noticeIntruder(notice: IntruderNotice): Promise<Chat | null> {
    return this.#life.noticeIntruder(notice);
  }

  readInbox(caller: Caller & { readonly at?: number | undefined }): Promise<Inbox | null> {
    return this.#presence.readInbox(caller);
  }

  beginPoll(poll: KeptPoll): Promise<BegunPoll | null> {
    return this.#presence.beginPoll(poll);
  }

  keepPoll(poll: KeptPoll): Promise<void> {
    return this.#presence.keepPoll(poll);
  }

  endPoll(poll: Poll): Promise<boolean> {
    return this.#presence.endPoll(poll);
  }

  findOverdue(page: OverduePage): Promise<Chat[]> {
    return this.#upkeep.findOverdue(page);
  }

  expire(expiries: readonly Expiry[]): Promise<number> {
    return this.#upkeep.expire(expiries);
  }

  removeFinished(page: FinishedPage): Promise<number> {
    return this.#upkeep.removeFinished(page);
  }

  forgetInvitations(removedBefore: number): Promise<void> {
    return this.#upkeep.forgetInvitations(removedBefore);
  }

  removeForsakenDraft(step: {
    readonly at: number;
    readonly notSeenSince: number;
  }): Promise<Chat | null> {
    return this.#upkeep.removeForsakenDraft(step);
  }

  remove(chatToken: Token, at: number): Promise<Chat | null> {
    return this.#upkeep.remove(chatToken, at);
  }

  list(page: ListPage): Promise<Chat[]> {
    return this.#upkeep.list(page);
  }

  countByStatus(): Promise<Record<Status, number>> {
    return this.#upkeep.countByStatus();
  }

  storedBytes(): Promise<number> {
    return this.#upkeep.storedBytes();
  }

  /** Asks for a chat that does not exist: a gateway may answer the command `ping` without its database. */
  async ping(): Promise<void> {
    await this.#connection.run((attempt) => findOne(attempt, { _id: toId('0'.repeat(24)) }), {
      operationMs: PING_TIMEOUT_MS,
      attemptMs: PING_TIMEOUT_MS,
    });
  }

  disconnect(): Promise<void> {
    this.#stopIndexKeeper();
    return this.#connection.close();
  }
}
