import { randomBytes } from 'node:crypto';
import { ObjectId } from 'mongodb';
import type { BegunPoll, Caller, Inbox, Poll } from '../../chat/chat-store.ts';
import { Batcher } from './batches.ts';
import { inboxFields, isPoll, presenceOf, seenUntil } from './documents.ts';
import { readInboxes } from './inbox-reads.ts';
import { keepPolls, type KeptPoll } from './kept-polls.ts';
import { signOfLife, update } from './operations.ts';
import { together, type StoreParts } from './store-parts.ts';
import { Turns } from './turns.ts';
import { isParticipant } from './updates/expressions.ts';
import * as steps from './updates/presence.ts';

/**
 * Reads that are signs of life, too, and write the whole chat: so many are under way at the same time, so that who reads
 * a full inbox again and again does not hold up those who talk.
 */
const MOST_WRITING_READS = 2;

/** Milliseconds that such a read waits at the most for others. */
const LONGEST_TURN_MS = 500;

/** Milliseconds for which a poll that goes on waits for others, to be written with them. */
const KEEPING_WINDOW_MS = 1000;

/** Reading and polling, what shows that somebody is there, as `ChatStore` describes it. */
export class PresenceSteps {
  readonly #parts: StoreParts;
  /** Names this process in the polls that it registers. */
  readonly #process = new ObjectId(randomBytes(12));
  #registrations = 0;
  readonly #reads: Batcher<Caller, Inbox | null>;
  readonly #writingReads = new Turns(MOST_WRITING_READS, LONGEST_TURN_MS);
  readonly #keeps: Batcher<KeptPoll, undefined>;

  constructor(parts: StoreParts) {
    const { connection, read } = parts;
    this.#parts = parts;
    this.#reads = new Batcher({
      ask: (callers) => connection.run((attempt) => readInboxes(attempt, callers, read)),
      ...together,
    });
    this.#keeps = new Batcher({
      ask: (polls) => connection.run((attempt) => keepPolls(attempt, polls)),
      most: together.most,
      windowMs: KEEPING_WINDOW_MS,
    });
  }

  async readInbox({
    at,
    chatToken,
    userId,
  }: Caller & { readonly at?: number | undefined }): Promise<Inbox | null> {
    const caller = { chatToken, userId };
    if (at === undefined) return this.#reads.ask(caller);
    const projection = inboxFields(userId);
    const filter = isParticipant(caller);
    const effect = steps.recordSignOfLife({ userId, at });
    const found = await this.#writingReads.take(() =>
      this.#parts.connection.run((attempt) =>
        update(attempt, filter, effect, { projection, ...signOfLife }),
      ),
    );
    return found === null ? null : this.#parts.read.toInbox(found, userId);
  }

  beginPoll(poll: Poll & { readonly until: number }): Promise<BegunPoll | null> {
    const { userId, pollId, at, until } = poll;
    // The order in which polls began is that of these calls, whatever becomes of them on their way.
    const registration = { ...poll, process: this.#process, number: ++this.#registrations };
    return this.#parts.connection.run(async (attempt) => {
      // Before: it tells whether an older one was held, and the inbox is the same.
      const found = await update(attempt, isParticipant(poll), steps.beginPoll(registration), {
        returnDocument: 'before',
        projection: { ...inboxFields(userId), isLate: steps.isLate(registration) },
      });
      if (found === null) return null;
      const inbox = this.#parts.read.toInbox(found, userId);
      const mine = presenceOf(found, userId);
      const wasSeenUntil = inbox.seenUntil;
      if (found.isLate === true) return { ...inbox, supersedes: false, wasSeenUntil };
      const supersedes = mine !== undefined && isPoll(mine) && seenUntil(mine) > at;
      return { ...inbox, poll: pollId, pollBegan: at, seenUntil: until, supersedes, wasSeenUntil };
    });
  }

  async keepPoll(poll: KeptPoll): Promise<void> {
    await this.#keeps.ask(poll);
  }

  async endPoll(poll: Poll): Promise<boolean> {
    const { matchedCount } = await this.#parts.connection.run(({ chats, maxTimeMS }) =>
      chats.updateOne(steps.isPolling(poll), steps.endPoll(poll), { maxTimeMS, ...signOfLife }),
    );
    return matchedCount > 0;
  }
}
