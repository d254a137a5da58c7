import type { Filter } from 'mongodb';
import type { Chat } from '../../chat/chat.ts';
import type { Expiry, FinishedPage, ListPage, OverduePage } from '../../chat/chat-store.ts';
import type { Status, Token } from '../../protocol.ts';
import type { Patience } from './connection.ts';
import { chatFields, toId, type ChatDocument } from './documents.ts';
import { byChat } from './joint-steps.ts';
import { findOne } from './operations.ts';
import { findForsaken, giveWay, removeIfDone, removeOne, removePage, shuffled } from './removal.ts';
import type { StoreParts } from './store-parts.ts';
import { isListed } from './updates/listing.ts';
import * as steps from './updates/termination.ts';
import { forget } from './used-invitations.ts';

/** How often a draft that gives way is looked for anew when others were faster with those found. */
const FORSAKEN_ROUNDS = 10;

/** What workers and operators do with chats, and what the limits ask about all of them, as `ChatStore` describes it. */
export class Upkeep {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  findOverdue(page: OverduePage): Promise<Chat[]> {
    return this.#findChats(
      steps.isOverdue(page),
      { created: 1, _id: 1 },
      page.limit,
      this.#parts.connection.long,
    );
  }

  async expire(expiries: readonly Expiry[]): Promise<number> {
    if (expiries.length === 0) return 0;
    const updates = expiries.toSorted(byChat).map((expiry) => ({
      updateOne: { filter: steps.isNotExpired(expiry), update: steps.expire(expiry) },
    }));
    return this.#parts.connection.run(async ({ chats, maxTimeMS, isRepeat }) => {
      const { modifiedCount } = await chats.bulkWrite(updates, { ordered: false, maxTimeMS });
      // An earlier attempt may have ended some of them.
      return isRepeat
        ? chats.countDocuments(steps.wereExpiredBy(expiries), { maxTimeMS })
        : modifiedCount;
    }, this.#parts.connection.long);
  }

  /** Another process may be at the same ones, so it goes on until it has removed enough of its own. */
  async removeFinished({ at, limit, ...page }: FinishedPage): Promise<number> {
    let removed = 0;
    while (removed < limit) {
      const wanted = limit - removed;
      const { found, deleted } = await this.#parts.connection.run(
        (attempt) => removePage(attempt, steps.isFinished(page), { at, limit: wanted }),
        this.#parts.connection.long,
      );
      removed += deleted;
      if (found < wanted) break;
    }
    return removed;
  }

  async forgetInvitations(removedBefore: number): Promise<void> {
    await this.#parts.connection.run(
      (attempt) => forget(attempt, removedBefore),
      this.#parts.connection.long,
    );
  }

  async removeForsakenDraft(step: {
    readonly at: number;
    readonly notSeenSince: number;
  }): Promise<Chat | null> {
    for (let round = 0; round < FORSAKEN_ROUNDS; round++) {
      const [first, ...others] = await this.#parts.connection.run((attempt) =>
        findForsaken(attempt, step.notSeenSince),
      );
      if (first === undefined) return null;
      for (const id of [first, ...shuffled(others)]) {
        const chat = await this.#parts.connection.run((attempt) =>
          giveWay(attempt, id, step, this.#parts.read),
        );
        if (chat === null) continue;
        await removeIfDone(this.#parts.connection, chat.token, step.at);
        return chat;
      }
    }
    return null;
  }

  async remove(chatToken: Token, at: number): Promise<Chat | null> {
    const { connection, read } = this.#parts;
    const found = await connection.run((attempt) => findOne(attempt, { _id: toId(chatToken) }));
    if (found === null) return null;
    return connection.run(async (attempt) => {
      const isRemoved = await removeOne(attempt, chatToken, at);
      return isRemoved || attempt.isRepeat ? read.toChat(found) : null;
    });
  }

  list(page: ListPage): Promise<Chat[]> {
    const { thorough } = this.#parts.connection;
    return this.#findChats(isListed(page), { created: -1, _id: -1 }, page.limit, thorough);
  }

  async countByStatus(): Promise<Record<Status, number>> {
    const counts: Record<Status, number> = { draft: 0, ready: 0, closed: 0 };
    // The condition lets the server answer from an index alone.
    const pipeline = [
      { $match: { status: { $in: Object.keys(counts) } } },
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ];
    const rows = await this.#parts.connection.run(
      ({ chats, maxTimeMS }) =>
        chats.aggregate<{ _id: Status; count: number }>(pipeline, { maxTimeMS }).toArray(),
      this.#parts.connection.thorough,
    );
    for (const { _id, count } of rows) counts[_id] = count;
    return counts;
  }

  async storedBytes(): Promise<number> {
    // One row for each shard.
    const rows = await this.#parts.connection.run(({ chats, maxTimeMS }) =>
      chats
        .aggregate<{ storageStats: { size: number } }>([{ $collStats: { storageStats: {} } }], {
          maxTimeMS,
        })
        .toArray(),
    );
    return rows.reduce((sum, { storageStats }) => sum + storageStats.size, 0);
  }

  #findChats(
    filter: Filter<ChatDocument>,
    sort: Record<string, 1 | -1>,
    limit: number,
    patience: Patience,
  ): Promise<Chat[]> {
    return this.#parts.connection.run(async ({ chats, maxTimeMS }) => {
      // All in one answer.
      const options = { maxTimeMS, projection: chatFields, sort, limit, batchSize: limit };
      return (await chats.find(filter, options).toArray()).map(this.#parts.read.toChat);
    }, patience);
  }
}
