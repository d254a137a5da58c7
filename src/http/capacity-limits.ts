import type { Clock } from '../chat/clock.ts';
import { failures } from '../chat/failures.ts';
import type { HeldCounts } from './held-counts.ts';
import type { LimitName } from './limit-names.ts';

/** How much there may be in all, whoever brought it, and who is asked how much there is. */
export interface CapacityOptions {
  readonly heldPollsPerAddress: number;
  readonly heldPolls: number;
  /** Where held polls are counted, by address prefix. */
  readonly polls: HeldCounts;
  readonly liveChats: number;
  readonly storedBytes: number;
  readonly clock: Clock;
  readonly countLiveChats: () => Promise<number>;
  readonly countStoredBytes: () => Promise<number>;
  /** Lets an old chat give way to a new one; `false`: there is none that would. */
  readonly makeRoom: () => Promise<boolean>;
  readonly onRefused?: (limit: LimitName) => void;
}

export type Texts = readonly { readonly msg: string }[];

/** Milliseconds to wait when as much is held or alive as there may be. */
const CAPACITY_RETRY_MS = 10_000;

/** Milliseconds that a count of live chats is good for, as long as there is plenty of room. */
const COUNT_AGE_MS = 1000;

/** The share of the live chats above which each create counts anew: room may be gone within a second. */
const CROWDED = 0.95;

/** Milliseconds that a count of stored bytes is good for; what is sent meanwhile is added. */
const BYTES_AGE_MS = 1000;

/** Bytes of a stored message besides its text, about. */
const BYTES_PER_MESSAGE = 300;

/** Counts now and then, and adds what it lets through in between; counts each time where it is crowded. */
export function liveChatLimit({ liveChats, countLiveChats, makeRoom, onRefused }: CapacityOptions) {
  let admitted = 0;
  let finished = 0;
  let recent: Promise<() => number> | undefined;

  /** How many there may be: those under way are added, so that one may be counted twice, and none overlooked. */
  const count = async (): Promise<() => number> => {
    const before = finished;
    const alive = await countLiveChats();
    return () => alive + admitted - before;
  };
  const countNowAndThen = (): Promise<() => number> => {
    if (recent === undefined) {
      setTimeout(() => (recent = undefined), COUNT_AGE_MS).unref();
      recent = count();
    }
    return recent;
  };
  const admit = (): (() => void) => {
    admitted += 1;
    return () => {
      finished += 1;
    };
  };

  return async (): Promise<() => void> => {
    if ((await countNowAndThen())() < liveChats * CROWDED) return admit();
    if ((await count())() < liveChats || (await makeRoom())) return admit();
    onRefused?.('live_chats');
    throw failures.unavailable(CAPACITY_RETRY_MS);
  };
}

/**
 * Asks now and then how much is stored, beside the sends and not before them: a limit of a gigabyte can wait a
 * second.
 */
export function storedLimit({ storedBytes, countStoredBytes, clock, onRefused }: CapacityOptions) {
  let stored = 0;
  let added = 0;
  let countAt = 0;
  const count = (): void => {
    const now = clock.elapsed();
    if (now < countAt) return;
    countAt = now + BYTES_AGE_MS;
    const before = added;
    countStoredBytes().then(
      (bytes) => {
        stored = bytes;
        added -= before;
      },
      // Who cannot be asked cannot store anything either.
      () => undefined,
    );
  };
  return {
    assertRoom: (): void => {
      count();
      if (stored + added < storedBytes) return;
      onRefused?.('stored_bytes');
      throw failures.unavailable(CAPACITY_RETRY_MS);
    },
    add: (texts: Texts): void => {
      added += texts.reduce((sum, { msg }) => sum + msg.length + BYTES_PER_MESSAGE, 0);
    },
  };
}

/** Keeps a place for a held poll of an address prefix until the returned function is called. */
export function heldPollLimit({
  heldPolls,
  heldPollsPerAddress,
  polls,
  onRefused,
}: CapacityOptions) {
  return (prefix: string): (() => void) => {
    if (polls.of(prefix) >= heldPollsPerAddress) {
      onRefused?.('held_polls_per_address');
      throw failures.tooManyRequests(CAPACITY_RETRY_MS);
    }
    if (polls.total >= heldPolls) {
      onRefused?.('held_polls');
      throw failures.unavailable(CAPACITY_RETRY_MS);
    }
    return polls.hold(prefix);
  };
}
