import type { Request } from 'express';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Token } from '../chat/chat.ts';
import { failures } from '../chat/failures.ts';
import { addressPrefix } from './address-prefix.ts';

/** How often something may happen within a window of `seconds`. */
export interface Budget {
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** Where a budget is counted: in this process, or shared with others. */
export type MakeCounter = (budget: Budget) => RateLimiterAbstract;

export interface LimitOptions {
  readonly chatsCreated: number;
  readonly failedJoins: number;
  readonly failedAuthentications: number;
  readonly messages: number;
  readonly heldPollsPerAddress: number;
  readonly heldPolls: number;
  readonly liveChats: number;
  readonly makeCounter: MakeCounter;
  readonly countLiveChats: () => Promise<number>;
  readonly onRefused?: (limit: string) => void;
}

/**
 * What one client may cost the others. Each budget stands alone, so that polling never blocks
 * sending; each method throws a `Failure` with `Retry-After` when its budget is used up.
 */
export interface Limits {
  createChat(req: Request): Promise<void>;
  mayJoin(req: Request): Promise<void>;
  failedJoin(req: Request): Promise<void>;
  failedAuthentication(req: Request): Promise<void>;
  sendMessages(userToken: Token, count: number): Promise<void>;
  /** Counts a held poll until the returned function is called. */
  holdPoll(req: Request): () => void;
}

/** Milliseconds to wait when as much is held or alive as there may be. */
const CAPACITY_RETRY = 10_000;

/** Milliseconds that a count of live chats is good for. */
const COUNT_AGE = 1000;

/** Every limit of the settings table. */
export function limits(options: LimitOptions): Limits {
  const { makeCounter, onRefused } = options;
  const counter = (name: string, points: number, seconds: number) =>
    budget(makeCounter({ name, points, seconds }), () => onRefused?.(name));
  const chatsCreated = counter('chats_created', options.chatsCreated, 3600);
  const failedJoins = counter('failed_joins', options.failedJoins, 600);
  const failedAuthentications = counter(
    'failed_authentications',
    options.failedAuthentications,
    600,
  );
  const messages = counter('messages', options.messages, 60);
  const assertRoomForChat = liveChatLimit(options);

  return {
    createChat: async (req) => {
      // First what is not the client's doing: it should not use up the client's budget.
      await assertRoomForChat();
      await chatsCreated.consume(prefixOf(req));
    },
    mayJoin: (req) => failedJoins.assertLeft(prefixOf(req)),
    failedJoin: (req) => failedJoins.consume(prefixOf(req)),
    failedAuthentication: (req) => failedAuthentications.consume(prefixOf(req)),
    sendMessages: (userToken, count) => messages.consume(userToken, count),
    holdPoll: heldPollLimit(options),
  };
}

/** For measurements: nothing is refused. */
export function noLimits(): Limits {
  const pass = (): Promise<void> => Promise.resolve();
  return {
    createChat: pass,
    mayJoin: pass,
    failedJoin: pass,
    failedAuthentication: pass,
    sendMessages: pass,
    holdPoll: () => () => undefined,
  };
}

function budget(counter: RateLimiterAbstract, onRefused: () => void) {
  const refuse = (wait: number): never => {
    onRefused();
    throw failures.tooManyRequests(wait);
  };
  return {
    consume: async (key: string, points = 1): Promise<void> => {
      try {
        await counter.consume(key, points);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        refuse(refusal.msBeforeNext);
      }
    },
    assertLeft: async (key: string): Promise<void> => {
      const used = await counter.get(key);
      if (used !== null && used.consumedPoints >= counter.points) refuse(used.msBeforeNext);
    },
  };
}

function liveChatLimit({ liveChats, countLiveChats, onRefused }: LimitOptions) {
  let counted: Promise<number> | undefined;
  const recount = (): Promise<number> => {
    setTimeout(() => (counted = undefined), COUNT_AGE).unref();
    return countLiveChats();
  };
  return async (): Promise<void> => {
    counted ??= recount();
    if ((await counted) < liveChats) return;
    onRefused?.('live_chats');
    throw failures.unavailable(CAPACITY_RETRY);
  };
}

function heldPollLimit({ heldPolls, heldPollsPerAddress, onRefused }: LimitOptions) {
  const perAddress = new Map<string, number>();
  let total = 0;
  return (req: Request): (() => void) => {
    const prefix = prefixOf(req);
    const held = perAddress.get(prefix) ?? 0;
    if (held >= heldPollsPerAddress) {
      onRefused?.('held_polls_per_address');
      throw failures.tooManyRequests(CAPACITY_RETRY);
    }
    if (total >= heldPolls) {
      onRefused?.('held_polls');
      throw failures.unavailable(CAPACITY_RETRY);
    }
    perAddress.set(prefix, held + 1);
    total += 1;
    return () => {
      total -= 1;
      const left = (perAddress.get(prefix) ?? 1) - 1;
      if (left === 0) perAddress.delete(prefix);
      else perAddress.set(prefix, left);
    };
  };
}

const prefixOf = (req: Request): string => addressPrefix(req.ip);
