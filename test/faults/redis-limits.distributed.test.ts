import type { Counter } from '../../src/chat/counter.ts';
import { createLogger } from '../../src/process/logger.ts';
import { createRedisCounters } from '../../src/distributed/redis/counters.ts';
import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startRedis, type RedisServer } from '../support/processes.ts';

const ADDRESS = '203.0.113.0/24';

describe('limits shared through Redis', () => {
  let server: RedisServer;
  let connections: ReturnType<typeof connectRedis>[];

  beforeAll(async () => {
    server = await startRedis();
    const logger = createLogger('silent', 'test');
    connections = ['one', 'two'].map((name) => connectRedis({ url: server.url, name, logger }));
    await areReady();
  });

  afterAll(async () => {
    for (const connection of connections) connection.disconnect();
    await server.dispose();
    await endProcesses();
  });

  const areReady = (): Promise<void> =>
    eventually(() => connections.every(({ status }) => status === 'ready'));

  /** The same budget as two processes count it. */
  const counters = (name: string, points = 4, secret = 'secret'): Counter[] =>
    connections.map((redis) => createRedisCounters(redis, secret)({ name, points, seconds: 60 }));

  /** Whether each of several calls, by turns at both processes, was within the budget. */
  const byTurns = async (both: Counter[], calls: number): Promise<boolean[]> => {
    const results: boolean[] = [];
    for (let call = 0; call < calls; call += 1) {
      results.push(await isWithin(both[call % 2]!));
    }
    return results;
  };

  it('count together', async () => {
    const results = await byTurns(counters('together'), 6);

    expect(results).toEqual([true, true, true, true, false, false]);
  });

  it('tell how much was used at the other process', async () => {
    const [one, two] = counters('told');
    await one!.consume(ADDRESS, 3);
    expect(await two!.wait(ADDRESS)).toBe(0);
    await one!.consume(ADDRESS);

    expect(await two!.wait(ADDRESS)).toBeGreaterThan(0);
  });

  it('never show Redis an address, nor a hash that can be tried out', async () => {
    for (const secret of ['secret', 'another'])
      await counters('hidden', 4, secret)[0]!.consume(ADDRESS);

    const keys = await server.redis.keys('sfchat:limit:hidden:*');
    expect(keys).toHaveLength(2);
    expect(keys.join()).not.toContain('203');
    expect(await server.redis.ttl(keys[0]!)).toBeGreaterThan(0);
  });

  it('are counted by each process while Redis is away, and together again when it is back', async () => {
    const both = counters('away');
    server.kill('SIGKILL');
    await eventually(() => connections.every(({ status }) => status !== 'ready'));

    const begun = performance.now();
    const alone = await byTurns(both, 10);
    const milliseconds = performance.now() - begun;
    await server.restart();
    await areReady();
    const again = await byTurns(counters('again'), 5);

    expect(alone).toEqual([...Array<boolean>(8).fill(true), false, false]);
    expect(milliseconds).toBeLessThan(500);
    expect(again).toEqual([true, true, true, true, false]);
  });

  it('let nobody wait for a Redis that hangs', async () => {
    const both = counters('hanging', 100);
    server.kill('SIGSTOP');

    const begun = performance.now();
    const results = await byTurns(both, 50);
    const milliseconds = performance.now() - begun;
    server.kill('SIGCONT');
    await areReady();

    expect(results).not.toContain(false);
    // Until the connections count as dead a command gives up after half a second; then at once.
    expect(milliseconds).toBeLessThan(5000);
  });
});

const isWithin = async (counter: Counter): Promise<boolean> =>
  (await counter.consume(ADDRESS)) === 0;
