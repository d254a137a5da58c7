import type { Redis } from 'ioredis';
import { MOST_VALUES_PER_OWNER, type ExpiringValues } from '../../chat/expiring-values.ts';
import { StorageUnavailable } from '../../chat/failures.ts';
import { hashedKey } from './hashed-key.ts';

const keyOf = hashedKey('sfchat:expiring');
const ownersKey = hashedKey('sfchat:expiring-of');

/** One step, so that no two processes leave an owner more than there may be. Redis forgets all of it by itself. */
const KEEP = `
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('LREM', KEYS[2], 0, KEYS[1])
  redis.call('RPUSH', KEYS[2], KEYS[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  while redis.call('LLEN', KEYS[2]) > tonumber(ARGV[3]) do
    redis.call('DEL', redis.call('LPOP', KEYS[2]))
  end
`;

/**
 * Expiring values for all processes.
 *
 * @param redis a connection whose commands fail at once while Redis is away
 */
export const createRedisExpiringValues = (redis: Redis): ExpiringValues => ({
  keep: async ({ key, value, owner, lifetimeMs }) => {
    const keys = [keyOf(key), ownersKey(owner)];
    await available(redis.eval(KEEP, 2, ...keys, value, lifetimeMs, MOST_VALUES_PER_OWNER));
  },
  find: (key) => available(redis.get(keyOf(key))),
});

/** Only the message: a reply error carries its command, and with it the value. */
async function available<Reply>(command: Promise<Reply>): Promise<Reply> {
  try {
    return await command;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageUnavailable(new Error(reason));
  }
}
