import type { Request } from 'express';
import { keyOf, type Participant } from '../chat/chat.ts';
import {
  createCounterInMemory,
  type Counter,
  type MakeCounter,
  type Wait,
} from '../chat/counter.ts';
import { failures } from '../chat/failures.ts';
import type { Soon } from '../chat/soon.ts';
import { addressOf, addressPrefix } from './address-prefix.ts';
import {
  heldPollLimit,
  liveChatLimit,
  storedLimit,
  type CapacityOptions,
  type Texts,
} from './capacity-limits.ts';
import type { LimitName } from './limit-names.ts';

export interface LimitOptions extends CapacityOptions {
  readonly chatsCreated: number;
  readonly failedJoins: number;
  readonly failedAuthentications: number;
  readonly messages: number;
  readonly signals: number;
  /** Characters of messages. */
  readonly read: number;
  readonly makeCounter: MakeCounter;
}

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

/** Seconds after which what was read counts no more. */
const READ_PERIOD_SECONDS = 60;

/** Characters that an answer costs besides its messages. */
const ANSWER_CHARACTERS = 500;

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
  const holdPoll = heldPollLimit(options);

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
    holdPoll: (req) => holdPoll(prefixOf(req)),
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

const prefixOf = (req: Request): string => addressPrefix(addressOf(req));
