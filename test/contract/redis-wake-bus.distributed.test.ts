import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { createLogger } from '../../src/process/logger.ts';
import {
  createRedisWakeBus,
  type RedisWakeBus,
} from '../../src/distributed/redis/redis-wake-bus.ts';
import { changed } from '../../src/chat/wake-bus.ts';
import { newParticipantKey } from '../support/chats.ts';
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
    const who = newParticipantKey();

    memory.keep(who, memory.mark(who), 'known');

    expect(memory.kept(who)).toBeUndefined();
  });

  it('ends with a wake-up that concerns it, from whatever process, and with no other', async () => {
    const { bus, elsewhere } = await openTwo();
    const memory = bus.addMemory<string>(changed.typing);
    const who = newParticipantKey();
    const heard: number[] = [];
    await bus.listen(who, (changes) => heard.push(changes));
    memory.keep(who, memory.mark(who), 'known');

    elsewhere.wake(who, changed.inbox);
    await eventually(() => heard.length === 1, 'the first wake-up has arrived');
    expect(memory.kept(who)).toBe('known');

    elsewhere.wake(who, changed.typing);
    await eventually(() => heard.length === 2, 'the second wake-up has arrived');
    expect(memory.kept(who)).toBeUndefined();
  });

  it('keeps nothing that was read before the last wake-up', async () => {
    const { bus } = await openTwo();
    const memory = bus.addMemory<string>(changed.typing);
    const who = newParticipantKey();
    await bus.listen(who, () => undefined);
    const mark = memory.mark(who);
    bus.wake(who, changed.typing);

    memory.keep(who, mark, 'known');

    expect(memory.kept(who)).toBeUndefined();
  });

  it('does not end another one', async () => {
    const { bus } = await openTwo();
    const [all, typing] = [bus.addMemory<string>(changed.inbox), bus.addMemory(changed.typing)];
    const who = newParticipantKey();
    await bus.listen(who, () => undefined);
    typing.keep(who, typing.mark(who), 'nobody');
    all.keep(who, all.mark(who), 'empty');

    bus.wake(who, changed.inbox);

    expect([all.kept(who), typing.kept(who)]).toEqual([undefined, 'nobody']);
  });
});
