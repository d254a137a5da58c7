import type { Redis } from 'ioredis';
import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { createRedisExpiringValues } from '../../src/distributed/redis/expiring-values.ts';
import { createLogger } from '../../src/process/logger.ts';
import { eventually } from '../support/eventually.ts';
import { describeExpiringValues } from './expiring-values.ts';

const connect = (url = process.env['REDIS_URL']!): Redis =>
  connectRedis({ url, name: 'test', logger: createLogger('silent', 'test') });

let redis: Redis;
beforeAll(async () => {
  redis = connect();
  await eventually(() => redis.status === 'ready', 'Redis is there');
});
afterAll(() => {
  redis.disconnect();
});

describeExpiringValues('in Redis', () => createRedisExpiringValues(redis));

describe('expiring values in Redis', () => {
  it('are forgotten by themselves, with every trace of their owner', async () => {
    const before = await redis.dbsize();
    const values = createRedisExpiringValues(redis);
    await values.keep({ key: 'key', value: 'value', owner: 'owner', at: 0, lifetimeMs: 100 });

    expect(await values.find('key', 0)).toBe('value');
    await eventually(async () => (await values.find('key', 0)) === null, 'it is forgotten');
    await eventually(async () => (await redis.dbsize()) <= before, 'nothing is left');
  });

  it('are unavailable while Redis is away, and say nothing of the value', async () => {
    const away = connect('redis://127.0.0.1:1');
    const values = createRedisExpiringValues(away);
    const kept = { key: 'k', value: 'secret', owner: 'o', at: 0, lifetimeMs: 100 };

    const failure: unknown = await values.keep(kept).catch((error: unknown) => error);
    away.disconnect();

    expect(failure).toMatchObject({ name: 'StorageUnavailable' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('secret');
    await expect(values.find('k', 0)).rejects.toMatchObject({ name: 'StorageUnavailable' });
  });
});
