import type { Request } from 'express';
import { keyOf, type Participant } from '../chat/chat.ts';
import type { Clock } from '../chat/clock.ts';
import {
  createCounterInMemory,
  type Counter,
  type MakeCounter,
  type Wait,
} from '../chat/counter.ts';
import { failures } from '../chat/failures.ts';
import type { Soon } from '../chat/soon.ts';
import { addressOf, addressPrefix } from './address-prefix.ts';
import type { HeldCounts } from './held-counts.ts';
import type { LimitName } from './limit-names.ts';

export interface LimitOptions {
  readonly chatsCreated: number;
  readonly failedJoins: number;
  readonly failedAuthentications: number;
  readonly messages: number;
  readonly signals: number;
  /** Characters of messages. */
  readonly read: number;
  readonly heldPollsPerAddress: number;
  readonly heldPolls: number;
  /** Where held polls are counted, by address prefix. */
  readonly polls: HeldCounts;
  readonly liveChats: number;
  readonly storedBytes: number;
  readonly clock: Clock;
  readonly makeCounter: MakeCounter;
  readonly countLiveChats: () => Promise<number>;
  readonly countStoredBytes: () => Promise<number>;
  /** Lets an old chat give way to a new one; `false`: there is none that would. */
  readonly makeRoom: () => Promise<boolean>;
  readonly onRefused?: (limit: LimitName) => void;
}

type Texts = readonly { readonly msg: string }[];

/**
 * What one client may cost the others. Each budget stands alone, so that polling never blocks
 * sending; each method throws a `Failure` with `Retry-After` when its budget is used up.
 */
export interface Limits {
  /** Keeps a place for a chat until the returned function is called: it is counted then, or was not created. */
  createChat(req: Request): Promise<() => void>;
  failedJoin(req: Request): Soon<void>;
  failedAuthentication(req: Request): Soon<void>;
  sendMessages(participant: Participant, messages: Texts): Soon<void>;
  signal(participant: Participant): Soon<void>;
  /** Refuses whoever has read too much already; reading itself is never cut off in the middle. */
  mayRead(participant: Participant): void;
  /** Counts what a participant was given. */
  haveRead(participant: Participant, messages: Texts): void;
  /** Counts a held poll until the returned function is called. */
  holdPoll(req: Request): () => void;
}

/** Milliseconds to wait when as much is held or alive as there may be. */
const CAPACITY_RETRY_MS = 10_000;

/** Milliseconds that a count of live chats is good for, as long as there is plenty of room. */
const COUNT_AGE_MS = 1000;

/** Milliseconds that a count of stored bytes is good for; what is sent meanwhile is added. */
const BYTES_AGE_MS = 1000;

/** Bytes of a stored message besides its text, about. */
const BYTES_PER_MESSAGE = 300;

/** Seconds after which what was read counts no more. */
const READ_PERIOD_SECONDS = 60;

/** Characters that an answer costs besides its messages. */
const ANSWER_CHARACTERS = 500;

/** The share of the live chats above which each create counts anew: room may be gone within a second. */
const CROWDED = 0.95;

/** Every limit of the settings table. */
export function createLimits(options: LimitOptions): Limits {
  const { makeCounter, onRefused } = options;
  const counter = (name: LimitName, points: number, seconds: number) =>
    budget(makeCounter({ name, points, seconds }), () => onRefused?.(name));
  const chatsCreated = counter('chats_created', options.chatsCreated, 3600);
  const failedJoins = counter('failed_joins', options.failedJoins, 600);
  const failedAuthentications = counter(
    'failed_authentications',
    options.failedAuthentications,
    600,
  );
  const messages = counter('messages', options.messages, 60);
  const signals = counter('signals', options.signals, 60);
  const keepPlace = liveChatLimit(options);
  const storing = storedLimit(options);

  return {
    createChat: async (req) => {
      // Nobody's draft gives way to a create that is refused anyway.
      await chatsCreated.assertLeft(prefixOf(req));
      // And what is not the client's doing should not use up the client's budget.
      const release = await keepPlace();
      try {
        await chatsCreated.consume(prefixOf(req));
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
    failedJoin: (req) => failedJoins.consume(prefixOf(req)),
    failedAuthentication: (req) => failedAuthentications.consume(prefixOf(req)),
    sendMessages: (participant, texts) => {
      // What is not the client's doing should not use up the client's budget.
      storing.assertRoom();
      const counted = messages.consume(keyOf(participant), texts.length);
      storing.add(texts);
      return counted;
    },
    signal: (participant) => signals.consume(keyOf(participant)),
    ...readLimit(options),
    holdPoll: heldPollLimit(options),
  };
}

/** For measurements: nothing is refused. */
export function noLimits(): Limits {
  const pass = (): void => undefined;
  return {
    createChat: () => Promise.resolve(() => undefined),
    failedJoin: pass,
    failedAuthentication: pass,
    sendMessages: pass,
    signal: pass,
    mayRead: () => undefined,
    haveRead: () => undefined,
    holdPoll: () => () => undefined,
  };
}

/** A counter that refuses. What is counted in memory costs no promise. */
function budget(counter: Counter, onRefused: () => void) {
  const judge = (milliseconds: number): void => {
    if (milliseconds === 0) return;
    onRefused();
    throw failures.tooManyRequests(milliseconds);
  };
  const judgeAny = (wait: Wait): Soon<void> => {
    if (typeof wait !== 'number') return wait.then(judge);
    judge(wait);
  };
  return {
    consume: (key: string, points = 1) => judgeAny(counter.consume(key, points)),
    assertLeft: (key: string) => judgeAny(counter.wait(key)),
  };
}

/** Counts now and then, and adds what it lets through in between; counts each time where it is crowded. */
function liveChatLimit({ liveChats, countLiveChats, makeRoom, onRefused }: LimitOptions) {
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
function storedLimit({ storedBytes, countStoredBytes, clock, onRefused }: LimitOptions) {
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

/** Counts in this process, whatever the mode: it is asked by every poll, and it protects the process. */
function readLimit({ read, clock, onRefused }: LimitOptions): Pick<Limits, 'mayRead' | 'haveRead'> {
  const counter = createCounterInMemory(
    { name: 'read', points: read, seconds: READ_PERIOD_SECONDS },
    () => clock.elapsed(),
  );
  const { assertLeft } = budget(counter, () => onRefused?.('read'));
  return {
    mayRead: (participant) => {
      void assertLeft(keyOf(participant));
    },
    haveRead: (participant, messages) => {
      const characters = messages.reduce((sum, { msg }) => sum + msg.length, ANSWER_CHARACTERS);
      void counter.consume(keyOf(participant), characters);
    },
  };
}

function heldPollLimit({ heldPolls, heldPollsPerAddress, polls, onRefused }: LimitOptions) {
  return (req: Request): (() => void) => {
    const prefix = prefixOf(req);
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

const prefixOf = (req: Request): string => addressPrefix(addressOf(req));
