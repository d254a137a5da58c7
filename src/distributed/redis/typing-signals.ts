import type { Redis } from 'ioredis';
import type { TypingSignals } from '../../chat/typing.ts';
import { TYPING_SHOWN_MS } from '../../protocol.ts';
import { hashedKey } from './hashed-key.ts';

const keyOf = hashedKey('sfchat:typing');

/**
 * Who is typing, for all processes: one key each, which Redis forgets by itself. While Redis is away
 * nobody is typing, and nothing waits.
 *
 * @param redis a connection whose commands fail at once while Redis is away
 */
export const createRedisTypingSignals = (redis: Redis): TypingSignals => ({
  begin: async (who, at) => {
    await redis.set(keyOf(who), at + TYPING_SHOWN_MS, 'PX', TYPING_SHOWN_MS).catch(() => undefined);
  },
  end: async (who) => {
    await redis.del(keyOf(who)).catch(() => undefined);
  },
  until: async (who, now) => {
    const value = await redis.get(keyOf(who)).catch(() => null);
    const until = Number(value);
    // The clock of whoever wrote it may be ahead of this one.
    return until > now ? Math.min(until, now + TYPING_SHOWN_MS) : null;
  },
});
