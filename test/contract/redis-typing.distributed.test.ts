import type { Redis } from 'ioredis';
import { createLogger } from '../../src/process/logger.ts';
import { TYPING_SHOWN_MS } from '../../src/protocol.ts';
import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { createRedisTypingSignals } from '../../src/distributed/redis/typing-signals.ts';
import { newParticipantKey } from '../support/chats.ts';
import { eventually } from '../support/eventually.ts';
import { describeTyping } from './typing.ts';

const url = process.env['REDIS_URL']!;
const open: Redis[] = [];

async function connect(): Promise<Redis> {
  const redis = connectRedis({ url, name: 'commands', logger: createLogger('silent', 'test') });
  open.push(redis);
  await eventually(() => redis.status === 'ready', 'Redis is connected');
  return redis;
}

afterAll(() => {
  for (const redis of open) redis.disconnect();
});

describeTyping('over Redis', async () => ({
  typing: createRedisTypingSignals(await connect()),
  another: async () => createRedisTypingSignals(await connect()),
  dispose: () => Promise.resolve(),
}));

describe('typing signals over Redis', () => {
  it('show Redis no user id, and are forgotten by it', async () => {
    const redis = await connect();
    const who = newParticipantKey();
    const before = new Set(await redis.keys('sfchat:typing:*'));

    await createRedisTypingSignals(redis).begin(who, Date.now());

    const keys = (await redis.keys('*')).filter((key) => !before.has(key));
    expect(keys.join()).not.toContain(who);
    const added = keys.filter((key) => key.startsWith('sfchat:typing:'));
    expect(added).not.toEqual([]);
    const leftMs = await Promise.all(added.map((key) => redis.pttl(key)));
    expect(Math.min(...leftMs)).toBeGreaterThan(0);
    expect(Math.max(...leftMs)).toBeLessThanOrEqual(TYPING_SHOWN_MS);
  });

  it('never count on the clock of another process that is ahead', async () => {
    const typing = createRedisTypingSignals(await connect());
    const who = newParticipantKey();
    const now = Date.now();
    await typing.begin(who, now + 60_000);

    expect(await typing.until(who, now)).toBe(now + TYPING_SHOWN_MS);
  });

  it('are nobody’s while Redis is away, and nothing waits or fails', async () => {
    const redis = await connect();
    const typing = createRedisTypingSignals(redis);
    const who = newParticipantKey();
    redis.disconnect();

    await typing.begin(who, Date.now());
    await typing.end(who);

    expect(await typing.until(who, Date.now())).toBeNull();
  });
});
