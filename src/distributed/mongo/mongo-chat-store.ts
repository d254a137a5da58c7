import { randomBytes, randomInt } from 'node:crypto';
import { ObjectId, type Document, type Filter } from 'mongodb';
import type { Logger } from 'pino';
import {
  participantOf,
  talkerOf,
  type Chat,
  type Participant,
  type Timing,
} from '../../chat/chat.ts';
import { StorageUnavailable } from '../../chat/failures.ts';
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
  Watched,
} from '../../chat/chat-store.ts';
import type { Status, Token } from '../../protocol.ts';
import type { ConnectionOptions } from './client.ts';
import { MongoConnection, type Patience } from './connection.ts';
import { Batcher } from './batches.ts';
import { create } from './creation.ts';
import {
  chatFields,
  inboxFields,
  pollOf,
  presenceOf,
  readDocuments,
  seenUntil,
  toId,
  type ChatDocument,
  type ReadDocuments,
} from './documents.ts';
import { readInboxes } from './inbox-reads.ts';
import { byChat, takeTogether } from './joint-steps.ts';
import { keepPolls, type KeptPoll } from './kept-polls.ts';
import { inServerTime } from './in-server-time.ts';
import { startIndexKeeper } from './index-keeper.ts';
import { ensureIndexes } from './indexes.ts';
import { findOne, signOfLife, update } from './operations.ts';
import { findParticipants } from './participant-reads.ts';
import { plainAcknowledgement, plainSend, type PlainStep } from './plain-steps.ts';
import { RecentChats } from './recent-chats.ts';
import { findForsaken, giveWay, removeOne, removePage, shuffled } from './removal.ts';
import type { ServerClock } from './server-clock.ts';
import { Turns } from './turns.ts';
import * as steps from './updates.ts';
import type { MarkedSend } from './updates.ts';
import { forget, isUsed } from './used-invitations.ts';

/** Milliseconds after which the database counts as away when it is asked whether it is there. */
const PING_TIMEOUT_MS = 2000;

/** Chats that one command deals with at the most, so that it does not hold up what else there is to do. */
const MOST_TOGETHER = 500;

/** Commands of one kind that are under way at the same time, as a rule: what waits meanwhile goes together. */
const MOST_UNDER_WAY = 1;

/** Milliseconds between two such commands while something waits for the next one: so more goes with it. */
const REST_MS = 2;

/**
 * Reads that are signs of life, too, and write the whole chat: so many are under way at the same time, so that who reads
 * a full inbox again and again does not hold up those who talk.
 */
const MOST_WRITING_READS = 2;

/** Milliseconds that such a read waits at the most for others. */
const LONGEST_TURN_MS = 500;

/** Milliseconds for which a poll that goes on waits for others, to be written with them. */
const KEEPING_WINDOW_MS = 1000;

/** For making the indexes. */
const INDEX_PATIENCE: Patience = { operationMs: 30_000, attemptMs: 10_000 };

/** How often a draft that gives way is looked for anew when others were faster with those found. */
const FORSAKEN_ROUNDS = 10;

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
  /** Names this process in the polls that it registers. */
  readonly #process = new ObjectId(randomBytes(12));
  #registrations = 0;
  /** Marks its sends; it begins anywhere, so that no two processes use the same marks. */
  #sends = randomInt(2 ** 31);
  readonly #recentChats: RecentChats;
  readonly #read: ReadDocuments;
  readonly #stopIndexKeeper: () => void;
  readonly #participants: Batcher<Caller, Chat | null>;
  readonly #reads: Batcher<Caller, Inbox | null>;
  readonly #writingReads = new Turns(MOST_WRITING_READS, LONGEST_TURN_MS);
  readonly #keeps: Batcher<KeptPoll, undefined>;
  readonly #plainSteps: Batcher<PlainStep, boolean>;

  constructor(options: MongoChatStoreOptions) {
    const { timing, absenceCloseAfterMs, logger, rememberedChats = 50_000 } = options;
    this.#connection = new MongoConnection(options);
    this.serverClock = this.#connection.serverClock;
    this.#recentChats = new RecentChats(rememberedChats);
    this.#read = readDocuments(absenceCloseAfterMs);
    this.#participants = new Batcher({
      ask: (callers) =>
        this.#connection.run((attempt) => findParticipants(attempt, callers, this.#read)),
      most: MOST_TOGETHER,
      mostUnderWay: MOST_UNDER_WAY,
      restMs: REST_MS,
    });
    this.#reads = new Batcher({
      ask: (callers) =>
        this.#connection.run((attempt) => readInboxes(attempt, callers, this.#read)),
      most: MOST_TOGETHER,
      mostUnderWay: MOST_UNDER_WAY,
      restMs: REST_MS,
    });
    this.#plainSteps = new Batcher({
      ask: (plain) => this.#connection.run((attempt) => takeTogether(attempt, plain)),
      most: MOST_TOGETHER,
      mostUnderWay: MOST_UNDER_WAY,
      restMs: REST_MS,
    });
    this.#keeps = new Batcher({
      ask: (polls) => this.#connection.run((attempt) => keepPolls(attempt, polls)),
      most: MOST_TOGETHER,
      windowMs: KEEPING_WINDOW_MS,
    });
    this.#stopIndexKeeper = startIndexKeeper({
      logger,
      makeIndexes: async () => {
        // Whoever waits for a server that is away is told sooner than one who waits for indexes.
        await this.ping();
        await this.#connection.run(({ db }) => ensureIndexes(db, timing), INDEX_PATIENCE);
      },
    });
  }

  create(creation: Creation): Promise<{ readonly chat: Chat; readonly isNew: boolean } | null> {
    return this.#connection.run((attempt) => create(attempt, creation, this.#read));
  }

  find(chatToken: Token): Promise<Chat | null> {
    return this.#connection.run(async (attempt) => {
      const chat = await findOne(attempt, { _id: toId(chatToken) });
      return chat === null ? null : this.#read.toChat(chat);
    });
  }

  wasRemoved(chatToken: Token, after: number): Promise<boolean> {
    return this.#connection.run((attempt) => isUsed(attempt, chatToken, after));
  }

  async findParticipant({ chatToken, userId }: Caller): Promise<Participant | null> {
    const known = this.#recentChats.get(chatToken);
    const isKnown = known?.creator === userId || known?.joiner === userId;
    if (known !== undefined && isKnown) return participantOf(known, userId);
    const found = await this.#participants.ask({ chatToken, userId });
    return found === null ? null : participantOf(this.#recentChats.add(found), userId);
  }

  join(join: Join): Promise<Chat | null> {
    return this.#step(join, steps.isJoinable(join), steps.join(join), steps.isJoinedBy(join));
  }

  async send(step: Send): Promise<SendResult | null> {
    const send = { ...step, mark: ++this.#sends };
    const chat = await this.#takePlainly(send, (ready) => plainSend(send, ready));
    return chat === null ? this.#sendAlone(send) : { outcome: 'stored', chat };
  }

  async acknowledge(step: Acknowledgement): Promise<Chat | null> {
    const chat = await this.#takePlainly(step, () => plainAcknowledgement(step));
    return chat ?? this.#acknowledgeAlone(step);
  }

  close(close: Close): Promise<Chat | null> {
    const { chatToken, notices } = close;
    return this.#step(
      close,
      steps.isClosable(close),
      steps.close(close),
      steps.hasNotice(chatToken, notices),
    );
  }

  noticeIntruder(notice: IntruderNotice): Promise<Chat | null> {
    const { chatToken, notices } = notice;
    return this.#step(
      notice,
      steps.isToBeWarned(notice),
      steps.noticeIntruder(notice),
      steps.hasNotice(chatToken, notices),
    );
  }

  async readInbox({
    at,
    chatToken,
    userId,
  }: Caller & { readonly at?: number; readonly afresh?: boolean }): Promise<Inbox | null> {
    const caller = { chatToken, userId };
    if (at === undefined) return this.#reads.ask(caller);
    const projection = inboxFields(userId);
    const filter = steps.isParticipant(caller);
    const effect = steps.recordSignOfLife({ userId, at });
    const found = await this.#writingReads.take(() =>
      this.#connection.run((attempt) =>
        update(attempt, filter, effect, { projection, ...signOfLife }),
      ),
    );
    return found === null ? null : this.#read.toInbox(found, userId);
  }

  beginPoll(poll: Poll & { readonly until: number }): Promise<BegunPoll | null> {
    const { userId, pollId, at, until } = poll;
    // The order in which polls began is that of these calls, whatever becomes of them on their way.
    const registration = { ...poll, process: this.#process, number: ++this.#registrations };
    return this.#connection.run(async (attempt) => {
      // Before: it tells whether an older one was held, and the inbox is the same.
      const found = await update(
        attempt,
        steps.isParticipant(poll),
        steps.beginPoll(registration),
        {
          returnDocument: 'before',
          projection: { ...inboxFields(userId), isLate: steps.isLate(registration) },
        },
      );
      if (found === null) return null;
      const inbox = this.#read.toInbox(found, userId);
      const mine = presenceOf(found, userId);
      const wasSeenUntil = inbox.seenUntil;
      if (found.isLate === true) return { ...inbox, supersedes: false, wasSeenUntil };
      const supersedes = mine !== undefined && pollOf(mine) !== null && seenUntil(mine) > at;
      return { ...inbox, poll: pollId, seenUntil: until, supersedes, wasSeenUntil };
    });
  }

  async keepPoll(poll: KeptPoll): Promise<void> {
    await this.#keeps.ask(poll);
  }

  async endPoll(poll: Poll): Promise<boolean> {
    const { matchedCount } = await this.#connection.run(({ chats, maxTimeMS }) =>
      chats.updateOne(steps.isPolling(poll), steps.endPoll(poll), { maxTimeMS, ...signOfLife }),
    );
    return matchedCount > 0;
  }

  findOverdue(page: OverduePage): Promise<Chat[]> {
    return this.#findChats(
      steps.isOverdue(page),
      { created: 1, _id: 1 },
      page.limit,
      this.#connection.long,
    );
  }

  async expire(expiries: readonly Expiry[]): Promise<number> {
    if (expiries.length === 0) return 0;
    const updates = expiries.toSorted(byChat).map((expiry) => ({
      updateOne: { filter: steps.isNotExpired(expiry), update: steps.expire(expiry) },
    }));
    return this.#connection.run(async ({ chats, maxTimeMS, isRepeat }) => {
      const { modifiedCount } = await chats.bulkWrite(updates, { ordered: false, maxTimeMS });
      // An earlier attempt may have ended some of them.
      return isRepeat
        ? chats.countDocuments(steps.wereExpiredBy(expiries), { maxTimeMS })
        : modifiedCount;
    }, this.#connection.long);
  }

  /** Another process may be at the same ones, so it goes on until it has removed enough of its own. */
  async removeFinished({ at, limit, ...page }: FinishedPage): Promise<number> {
    let removed = 0;
    while (removed < limit) {
      const wanted = limit - removed;
      const { found, deleted } = await this.#connection.run(
        (attempt) => removePage(attempt, steps.isFinished(page), { at, limit: wanted }),
        this.#connection.long,
      );
      removed += deleted;
      if (found < wanted) break;
    }
    return removed;
  }

  async forgetInvitations(removedBefore: number): Promise<void> {
    await this.#connection.run((attempt) => forget(attempt, removedBefore), this.#connection.long);
  }

  async removeForsakenDraft(step: {
    readonly at: number;
    readonly notSeenSince: number;
  }): Promise<Chat | null> {
    for (let round = 0; round < FORSAKEN_ROUNDS; round++) {
      const [first, ...others] = await this.#connection.run((attempt) =>
        findForsaken(attempt, step.notSeenSince),
      );
      if (first === undefined) return null;
      for (const id of [first, ...shuffled(others)]) {
        const chat = await this.#connection.run((attempt) =>
          giveWay(attempt, id, step, this.#read),
        );
        if (chat === null) continue;
        await this.#removeIfDone(chat.token, step.at);
        return chat;
      }
    }
    return null;
  }

  async remove(chatToken: Token, at: number): Promise<Chat | null> {
    const chat = await this.find(chatToken);
    if (chat === null) return null;
    return this.#connection.run(async (attempt) => {
      const isRemoved = await removeOne(attempt, chatToken, at);
      return isRemoved || attempt.isRepeat ? chat : null;
    });
  }

  list(page: ListPage): Promise<Chat[]> {
    const { thorough } = this.#connection;
    return this.#findChats(steps.isListed(page), { created: -1, _id: -1 }, page.limit, thorough);
  }

  async countByStatus(): Promise<Record<Status, number>> {
    const counts: Record<Status, number> = { draft: 0, ready: 0, closed: 0 };
    // The condition lets the server answer from an index alone.
    const pipeline = [
      { $match: { status: { $in: Object.keys(counts) } } },
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ];
    const rows = await this.#connection.run(
      ({ chats, maxTimeMS }) =>
        chats.aggregate<{ _id: Status; count: number }>(pipeline, { maxTimeMS }).toArray(),
      this.#connection.thorough,
    );
    for (const { _id, count } of rows) counts[_id] = count;
    return counts;
  }

  async storedBytes(): Promise<number> {
    // One row for each shard.
    const rows = await this.#connection.run(({ chats, maxTimeMS }) =>
      chats
        .aggregate<{ storageStats: { size: number } }>([{ $collStats: { storageStats: {} } }], {
          maxTimeMS,
        })
        .toArray(),
    );
    return rows.reduce((sum, { storageStats }) => sum + storageStats.size, 0);
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

  /** Takes a step of a chat that is known to be ready, together with others; `null`: it was not taken like that. */
  async #takePlainly(
    { chatToken, userId, onSeen }: Caller & Watched,
    plain: (chat: Chat) => PlainStep,
  ): Promise<Chat | null> {
    const chat = this.#recentChats.get(chatToken);
    if (chat?.status !== 'ready' || (chat.creator !== userId && chat.joiner !== userId))
      return null;
    if (!(await this.#plainSteps.ask(plain(chat)))) return null;
    onSeen?.(chat);
    return chat;
  }

  #sendAlone(send: MarkedSend): Promise<SendResult | null> {
    return this.#connection.run(async (attempt) => {
      const found = await update(attempt, steps.isParticipant(send), steps.send(send), {
        returnDocument: 'before',
        projection: { ...chatFields, hadRoom: steps.hadRoom(send), wasTaken: steps.wasTaken(send) },
      });
      if (found === null) return null;
      const chat = this.#recentChats.add(this.#read.toChat(found));
      const isReady = chat.status === 'ready' && talkerOf(chat, send.userId) !== null;
      // An earlier attempt of this call may have stored them before the chat was closed.
      if (!isReady && found.wasTaken !== true) return { outcome: 'not ready', chat };
      if (found.hadRoom !== true) return { outcome: 'inbox full', chat };
      send.onSeen?.(chat);
      return { outcome: 'stored', chat };
    });
  }

  async #acknowledgeAlone(step: Acknowledgement): Promise<Chat | null> {
    const found = await this.#connection.run((attempt) =>
      update(attempt, steps.isParticipant(step), steps.acknowledge(step), {
        projection: { ...chatFields, isEmpty: steps.isEmpty },
      }),
    );
    if (found === null) return null;
    const chat = this.#recentChats.add(this.#read.toChat(found));
    step.onSeen?.(chat);
    if (chat.status === 'closed' && found.isEmpty === true) {
      await this.#removeIfDone(chat.token, step.at);
    }
    return chat;
  }

  /**
   * One guarded update; gives the chat as it is after it. `isTaken` finds a chat in which this very
   * step has been taken before. `null`: the guard refused it.
   */
  #step(
    { onSeen }: Watched,
    guard: Filter<ChatDocument>,
    effect: Document[],
    isTaken: Filter<ChatDocument>,
  ): Promise<Chat | null> {
    return this.#connection.run(async (attempt) => {
      const chat =
        (await update(attempt, guard, effect, { projection: chatFields })) ??
        (await findOne(attempt, isTaken));
      if (chat === null) return null;
      const taken = this.#recentChats.add(this.#read.toChat(chat));
      onSeen?.(taken);
      return taken;
    });
  }

  #findChats(
    filter: Filter<ChatDocument>,
    sort: Record<string, 1 | -1>,
    limit: number,
    patience: Patience,
  ): Promise<Chat[]> {
    return this.#connection.run(async ({ chats, maxTimeMS }) => {
      // All in one answer.
      const options = { maxTimeMS, projection: chatFields, sort, limit, batchSize: limit };
      return (await chats.find(filter, options).toArray()).map(this.#read.toChat);
    }, patience);
  }

  /** A chat that is over disappears with its last message. Should that fail, a worker will find it. */
  async #removeIfDone(chatToken: Token, at: number): Promise<void> {
    try {
      await this.#connection.run((attempt) =>
        removeOne(attempt, chatToken, at, steps.isClosedAndEmpty),
      );
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
    }
  }
}
