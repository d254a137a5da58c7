import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { createLogger } from '../../src/process/logger.ts';
import {
  createRedisWakeBus,
  type RedisWakeBus,
} from '../../src/distributed/redis/redis-wake-bus.ts';
import { changed } from '../../src/chat/wake-bus.ts';
import { newUserId } from '../support/chats.ts';
import { eventually } from '../support/eventually.ts';
import { describeWakeBus } from './wake-bus.ts';

const url = process.env['REDIS_URL']!;

async function openBus(): Promise<RedisWakeBus> {
  const logger = createLogger('silent', 'test');
  const bus = createRedisWakeBus({
    publisher: connectRedis({ url, name: 'commands', logger }),
    subscriber: connectRedis({ url, name: 'wake-ups', logger }),
  });
  await eventually(() => bus.isHealthy(), 'the bus is connected');
  return bus;
}

describeWakeBus('over Redis', async () => {
  const buses = [await openBus()];
  return {
    bus: buses[0]!,
    another: async () => {
      const bus = await openBus();
      buses.push(bus);
      return bus;
    },
    dispose: async () => {
      await Promise.all(buses.map((bus) => bus.disconnect()));
    },
  };
});

describe('a memory of a bus over Redis', () => {
  const open: RedisWakeBus[] = [];

  const openTwo = async () => {
    const [bus, elsewhere] = await Promise.all([openBus(), openBus()]);
    open.push(bus, elsewhere);
    return { bus, elsewhere };
  };

  afterAll(async () => {
    await Promise.all(open.map((bus) => bus.disconnect()));
  });

  it('keeps nothing of somebody for whom nobody listens', async () => {
    const { bus } = await openTwo();
    const memory = bus.addMemory<string>(changed.typing);
    const userId = newUserId();

    memory.keep(userId, memory.mark(userId), 'known');

    expect(memory.kept(userId)).toBeUndefined();
  });

  it('ends with a wake-up that concerns it, from whatever process, and with no other', async () => {
    const { bus, elsewhere } = await openTwo();
    const memory = bus.addMemory<string>(changed.typing);
    const userId = newUserId();
    const heard: number[] = [];
    await bus.listen(userId, (changes) => heard.push(changes));
    memory.keep(userId, memory.mark(userId), 'known');

    elsewhere.wake(userId, changed.inbox);
    await eventually(() => heard.length === 1, 'the first wake-up has arrived');
    expect(memory.kept(userId)).toBe('known');

    elsewhere.wake(userId, changed.typing);
    await eventually(() => heard.length === 2, 'the second wake-up has arrived');
    expect(memory.kept(userId)).toBeUndefined();
  });

  it('keeps nothing that was read before the last wake-up', async () => {
    const { bus } = await openTwo();
    const memory = bus.addMemory<string>(changed.typing);
    const userId = newUserId();
    await bus.listen(userId, () => undefined);
    const mark = memory.mark(userId);
    bus.wake(userId, changed.typing);

    memory.keep(userId, mark, 'known');

    expect(memory.kept(userId)).toBeUndefined();
  });

  it('does not end another one', async () => {
    const { bus } = await openTwo();
    const [all, typing] = [bus.addMemory<string>(changed.inbox), bus.addMemory(changed.typing)];
    const userId = newUserId();
    await bus.listen(userId, () => undefined);
    typing.keep(userId, typing.mark(userId), 'nobody');
    all.keep(userId, all.mark(userId), 'empty');

    bus.wake(userId, changed.inbox);

    expect([all.kept(userId), typing.kept(userId)]).toEqual([undefined, 'nobody']);
  });
});
