import { setImmediate } from 'node:timers/promises';
import type { Chat, Timing } from './chat.ts';
import type { ChatStore, OverduePage } from './chat-store.ts';
import type { Clock } from './clock.ts';
import { CHAT_ENDS, expiryOf, usedAfter, wakeBoth } from './life-cycle.ts';
import type { WakeBus } from './wake-bus.ts';

/** Chats per step of the store, by default. */
export const BATCH_SIZE = 500;

export interface TerminationOptions {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  readonly timing: Timing;
  /** Chats per step of the store; by default {@link BATCH_SIZE}. */
  readonly batchSize?: number;
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
  /** Ends the job after the batch at hand. */
  readonly signal?: AbortSignal;
}

export interface Counts {
  readonly expired: number;
  readonly removed: number;
}

export interface Progress extends Counts {
  readonly step: 'expire' | 'remove';
  /**
   * How much of this step is done, from 0 to 1, as if as many chats were created at any time; `null`:
   * not known.
   */
  readonly share: number | null;
}

export interface TerminationReport extends Counts {
  readonly milliseconds: number;
}

/**
 * Ends what is over (protocol.md, "Life cycle"): first the chats over their lifetime, then what is
 * finished. Every batch is complete in itself, so the job may be killed at any point, run twice at
 * once, and be run again; what it misses the next run finds.
 */
export async function terminateChats(options: TerminationOptions): Promise<TerminationReport> {
  const { clock, onProgress } = options;
  const begun = clock.now();
  const total = { expired: 0, removed: 0 };
  for await (const step of batches(options, begun)) {
    total.expired += step.expired;
    total.removed += step.removed;
    await onProgress?.({ ...step, ...total });
    // In embedded mode the chats are served by this very thread.
    await setImmediate();
  }
  return { ...total, milliseconds: clock.now() - begun };
}

async function* batches(options: TerminationOptions, now: number): AsyncGenerator<Progress> {
  yield* expireOverdue(options, now);
  yield* removeFinished(options, now);
  await options.store.forgetInvitations(usedAfter(now));
}

/** Only chats in their grace period: nobody reads the notice of one that is refused already. */
async function* expireOverdue(options: TerminationOptions, now: number): AsyncGenerator<Progress> {
  const { store, timing, batchSize: limit = BATCH_SIZE, signal } = options;
  const createdBefore = now - timing.chatLifetimeMs;
  const createdAfter = createdBefore - timing.closedGraceMs;
  let after: Chat | null = null;
  while (signal?.aborted !== true) {
    const page = { createdAfter, createdBefore, after, limit };
    const chats: Chat[] = await store.findOverdue(page);
    if (chats.length === 0) return;
    const expired = await store.expire(chats.map((chat) => expiryOf(chat, timing)));
    for (const chat of chats) wakeBoth(options.wakeBus, chat, CHAT_ENDS);
    // The cursor moves even when a chat could not be expired, so that the job always ends.
    after = chats.at(-1) ?? null;
    yield { step: 'expire', share: shareBehind(after, page), expired, removed: 0 };
  }
}

async function* removeFinished(options: TerminationOptions, now: number): AsyncGenerator<Progress> {
  const { store, timing, batchSize = BATCH_SIZE, signal } = options;
  const closedBefore = now - timing.closedGraceMs;
  const createdBefore = closedBefore - timing.chatLifetimeMs;
  while (signal?.aborted !== true) {
    const removed = await store.removeFinished({
      at: now,
      closedBefore,
      createdBefore,
      limit: batchSize,
    });
    yield { step: 'remove', share: null, expired: 0, removed };
    if (removed < batchSize) return;
  }
}

/** Which part of the time between the two ends is behind this chat. */
const shareBehind = (chat: Chat | null, { createdAfter, createdBefore }: OverduePage): number =>
  ((chat?.created ?? createdBefore) - createdAfter) / Math.max(1, createdBefore - createdAfter);
