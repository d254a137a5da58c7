import type { Redis } from 'ioredis';

/**
 * Why a Redis cannot hold a queue: one that evicts keys when memory is short loses jobs and schedules
 * without a word. `null`: it can. Waits until Redis is there. Source: BullMQ, "Going to production".
 */
export async function evictionRefusal(redis: Redis): Promise<string | null> {
  // INFO, since CONFIG is what hosted Redis often forbids.
  const memory = await redis.info('memory');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return null;
  return (
    `Redis has maxmemory-policy ${policy} and would evict the worker's queue when memory is short.\n` +
    'Set maxmemory-policy to noeviction (redis.conf, or CONFIG SET), or give SFChat a Redis of its own.'
  );
}
