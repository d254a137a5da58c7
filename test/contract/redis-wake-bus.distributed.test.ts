import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { createLogger } from '../../src/process/logger.ts';
import { createRedisWakeBus } from '../../src/distributed/redis/redis-wake-bus.ts';
import type { WakeBus } from '../../src/chat/wake-bus.ts';
import { eventually } from '../support/eventually.ts';
import { describeWakeBus } from './wake-bus.ts';

const url = process.env['REDIS_URL']!;

async function openBus(): Promise<WakeBus> {
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
