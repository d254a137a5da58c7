import type { Document, Filter, WriteConcernSettings } from 'mongodb';
import {
  talkerOf,
  type Chat,
  type Message,
  type Participant,
  type Status,
  type Timing,
  type Token,
} from '../../chat/chat.ts';
import { StorageUnavailable } from '../../chat/failures.ts';
import type {
  ChatStore,
  Close,
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
  Visit,
} from '../../chat/chat-store.ts';
import type { ConnectionOptions } from './client.ts';
import { MongoConnection, type Attempt, type Patience } from './connection.ts';
import {
  chatFields,
  inboxFields,
  newDocument,
  pollOf,
  seenUntil,
  sightingOf,
  toChat,
  toId,
  toInbox,
  type ChatDocument,
} from './documents.ts';
import { isDuplicateKey } from './errors.ts';
import { ensureIndexes } from './indexes.ts';
import { RecentParticipants } from './recent-participants.ts';
import * as steps from './updates.ts';

/** Milliseconds after which the database counts as away when it is asked whether it is there. */
const PING_TIMEOUT = 2000;

/** Milliseconds for making the indexes. */
const INDEX_PATIENCE: Patience = { operation: 30_000, attempt: 10_000 };

export interface MongoOptions extends ConnectionOptions {
  /** The TTL index follows from them: it removes a chat an hour after a worker should have. */
  readonly timing: Pick<Timing, 'lifetime' | 'closedGrace'>;
  /** How many participants are remembered so that authenticating them costs no round trip (50,000). */
  readonly rememberedParticipants?: number | undefined;
}

/** What an update finds or leaves of a chat; computed fields come with it. */
type Found = ChatDocument & { readonly hadRoom?: boolean; readonly isEmpty?: boolean };

/**
 * Chats in MongoDB: one document for each (protocol.md, "Collection chats"), every step one update of
 * it with its guard in the filter or the update. Any number of processes may share the database.
 *
 * Sending, acknowledging, looking and polling take one round trip each. A refused step may take a
 * second one, to find out whether it is only the repeat of one that succeeded with its answer lost.
 */
export class MongoChatStore implements ChatStore {
  readonly #connection: MongoConnection;
  readonly #participants: RecentParticipants;

  private constructor(connection: MongoConnection, rememberedParticipants: number) {
    this.#connection = connection;
    this.#participants = new RecentParticipants(rememberedParticipants);
  }

  /**
   * Connects and makes the indexes (`mongo-indexes.ts`). On a large collection that does not have them
   * that may take longer than this waits; the server goes on making them, and calling this again later
   * waits for the rest.
   *
   * @throws Error when the URI is malformed, no server answers in time, or access is denied
   */
  static async connect(options: MongoOptions): Promise<MongoChatStore> {
    const { timing, rememberedParticipants = 50_000 } = options;
    const connection = new MongoConnection(options);
    const store = new MongoChatStore(connection, rememberedParticipants);
    try {
      // Whoever waits for a server that is away is told sooner than one who waits for indexes.
      await store.ping();
      await connection.run(({ db }) => ensureIndexes(db, timing), INDEX_PATIENCE);
      return store;
    } catch (error) {
      await connection.close();
      throw cannotBeUsed(error);
    }
  }

  create(chat: Chat, welcome: Message): Promise<boolean> {
    const document = newDocument(chat, welcome);
    return this.#connection.run(async (attempt) => {
      const { chats, maxTimeMS } = attempt;
      try {
        await chats.insertOne(document, { maxTimeMS });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const taken = await findOne(attempt, { _id: document._id });
        return taken !== null && toChat(taken).creator === chat.creator;
      }
    });
  }

  find(chatToken: Token): Promise<Chat | null> {
    return this.#connection.run(async (attempt) => {
      const chat = await findOne(attempt, { _id: toId(chatToken) });
      return chat === null ? null : toChat(chat);
    });
  }

  async findParticipant(chatToken: Token, userToken: Token): Promise<Participant | null> {
    const known = this.#participants.get(chatToken, userToken);
    if (known !== undefined) return known;
    const found = await this.#connection.run((attempt) =>
      findOne(attempt, steps.isParticipant({ chatToken, userToken })),
    );
    return found === null ? null : this.#participants.add(toChat(found), userToken);
  }

  join(join: Join): Promise<Chat | null> {
    return this.#step(steps.isJoinable(join), steps.join(join), steps.isJoinedBy(join));
  }

  send(send: Send): Promise<SendResult | null> {
    return this.#connection.run(async (attempt) => {
      const found = await update(attempt, steps.isParticipant(send), steps.send(send), {
        returnDocument: 'before',
        projection: { ...chatFields, hadRoom: steps.hadRoom(send) },
      });
      if (found === null) return null;
      const chat = toChat(found);
      const isReady = chat.status === 'ready' && talkerOf(chat, send.userToken) !== null;
      if (!isReady) return { outcome: 'not ready', chat };
      return { outcome: found.hadRoom === true ? 'stored' : 'inbox full', chat };
    });
  }

  async acknowledge(visit: Visit & { readonly ids: readonly Token[] }): Promise<Chat | null> {
    const found = await this.#connection.run((attempt) =>
      update(attempt, steps.isParticipant(visit), steps.acknowledge(visit), {
        projection: { ...chatFields, isEmpty: steps.isEmpty },
      }),
    );
    if (found === null) return null;
    const chat = toChat(found);
    if (chat.status === 'closed' && found.isEmpty === true) await this.#removeIfDone(chat.token);
    return chat;
  }

  close(close: Close): Promise<Chat | null> {
    const { chatToken, notices } = close;
    return this.#step(
      steps.isClosable(close),
      steps.close(close),
      steps.hasNotice(chatToken, notices),
    );
  }

  noticeIntruder(notice: IntruderNotice): Promise<Chat | null> {
    const { chatToken, notices } = notice;
    return this.#step(
      steps.isToBeWarned(notice),
      steps.noticeIntruder(notice),
      steps.hasNotice(chatToken, notices),
    );
  }

  look({ at, ...who }: Omit<Visit, 'at'> & { readonly at?: number }): Promise<Inbox | null> {
    const { userToken } = who;
    const projection = inboxFields(userToken);
    const filter = steps.isParticipant(who);
    return this.#connection.run(async (attempt) => {
      const found =
        at === undefined
          ? await findOne(attempt, filter, projection)
          : await update(attempt, filter, steps.recordVisit({ userToken, at }), {
              projection,
              ...signOfLife,
            });
      return found === null ? null : toInbox(found, userToken);
    });
  }

  beginPoll(
    poll: Poll & { readonly until: number },
  ): Promise<(Inbox & { readonly supersedes: boolean }) | null> {
    const { userToken, pollId, at } = poll;
    return this.#connection.run(async (attempt) => {
      // Before: it tells whether an older one was held, and the inbox is the same.
      const found = await update(attempt, steps.isParticipant(poll), steps.beginPoll(poll), {
        returnDocument: 'before',
        projection: inboxFields(userToken),
      });
      if (found === null) return null;
      const inbox = toInbox(found, userToken);
      const mine = sightingOf(found, userToken);
      if (mine === undefined) return { ...inbox, poll: pollId, supersedes: false };
      if (steps.isLate(mine, at)) return { ...inbox, supersedes: false };
      const supersedes = pollOf(mine) !== null && seenUntil(mine) > at;
      return { ...inbox, poll: pollId, supersedes };
    });
  }

  async endPoll(poll: Poll): Promise<void> {
    await this.#connection.run(({ chats, maxTimeMS }) =>
      chats.updateOne(steps.isPolling(poll), steps.endPoll(poll), { maxTimeMS, ...signOfLife }),
    );
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
    const updates = expiries.map((expiry) => ({
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
  async removeFinished({ limit, ...page }: FinishedPage): Promise<number> {
    let removed = 0;
    while (removed < limit) {
      const wanted = limit - removed;
      const { found, deleted } = await this.#removePage(steps.isFinished(page), wanted);
      removed += deleted;
      if (found < wanted) break;
    }
    return removed;
  }

  async remove(chatToken: Token): Promise<Chat | null> {
    const chat = await this.find(chatToken);
    if (chat === null) return null;
    return this.#connection.run(async ({ chats, maxTimeMS, isRepeat }) => {
      const { deletedCount } = await chats.deleteOne({ _id: toId(chatToken) }, { maxTimeMS });
      return deletedCount === 1 || isRepeat ? chat : null;
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

  /** Asks for a chat that does not exist: a gateway may answer the command `ping` without its database. */
  async ping(): Promise<void> {
    await this.#connection.run((attempt) => findOne(attempt, { _id: toId('0'.repeat(24)) }), {
      operation: PING_TIMEOUT,
      attempt: PING_TIMEOUT,
    });
  }

  disconnect(): Promise<void> {
    return this.#connection.close();
  }

  /**
   * One guarded update; gives the chat as it is after it. `isTaken` finds a chat in which this very
   * step has been taken before. `null`: the guard refused it.
   */
  #step(
    guard: Filter<ChatDocument>,
    effect: Document[],
    isTaken: Filter<ChatDocument>,
  ): Promise<Chat | null> {
    return this.#connection.run(async (attempt) => {
      const chat =
        (await update(attempt, guard, effect, { projection: chatFields })) ??
        (await findOne(attempt, isTaken));
      return chat === null ? null : toChat(chat);
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
      return (await chats.find(filter, options).toArray()).map(toChat);
    }, patience);
  }

  /** A chat that is over disappears with its last message. Should that fail, a worker will find it. */
  async #removeIfDone(chatToken: Token): Promise<void> {
    try {
      await this.#connection.run(({ chats, maxTimeMS }) =>
        chats.deleteOne(steps.isDone(chatToken), { maxTimeMS }),
      );
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
    }
  }

  #removePage(
    filter: Filter<ChatDocument>,
    limit: number,
  ): Promise<{ found: number; deleted: number }> {
    return this.#connection.run(async ({ chats, maxTimeMS }) => {
      const options = { maxTimeMS, projection: { _id: 1 }, limit, batchSize: limit };
      const page = await chats.find(filter, options).toArray();
      if (page.length === 0) return { found: 0, deleted: 0 };
      // What is finished stays finished, so the tokens say it all.
      const tokens = page.map(({ _id }) => _id);
      const { deletedCount } = await chats.deleteMany({ _id: { $in: tokens } }, { maxTimeMS });
      return { found: page.length, deleted: deletedCount };
    }, this.#connection.long);
  }
}

function cannotBeUsed(error: unknown): Error {
  const cause = error instanceof StorageUnavailable ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : 'unknown reason';
  return new Error(`MongoDB cannot be used: ${reason}`, { cause });
}

interface UpdateOptions {
  readonly projection: Document;
  readonly returnDocument?: 'before' | 'after';
  readonly writeConcern?: WriteConcernSettings;
}

const findOne = (
  { chats, maxTimeMS }: Attempt,
  filter: Filter<ChatDocument>,
  projection: Document = chatFields,
): Promise<ChatDocument | null> => chats.findOne<ChatDocument>(filter, { maxTimeMS, projection });

const update = (
  { chats, maxTimeMS }: Attempt,
  guard: Filter<ChatDocument>,
  effect: Document[],
  options: UpdateOptions,
): Promise<Found | null> =>
  chats.findOneAndUpdate(guard, effect, { maxTimeMS, returnDocument: 'after', ...options });

/** A sign of life need not survive the primary that has seen it: the next one comes soon. */
const signOfLife: { writeConcern: WriteConcernSettings } = { writeConcern: { w: 1 } };
