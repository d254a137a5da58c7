import { createRedisTerminationLog } from '../../src/distributed/redis/termination-log.ts';
import { endProcesses, startRedis, type RedisServer } from '../support/processes.ts';

describe('the log of termination in Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.dispose();
    await endProcesses();
  });

  it('knows no worker and no run at first', async () => {
    const log = createRedisTerminationLog(server.redis);

    expect(await log.read()).toEqual({ workerSeenAt: null, lastRun: null });
  });

  it('remembers what it has read when Redis is emptied', async () => {
    const log = createRedisTerminationLog(server.redis);
    const lastRun = { at: 5000, expired: 1, removed: 2, milliseconds: 3 };
    await log.noteWorker(6000);
    await log.note(lastRun);
    await log.read();

    await server.redis.flushall();

    expect(await log.read()).toEqual({ workerSeenAt: 6000, lastRun });
  });

  it('believes the sign that is there, be it older than the one before', async () => {
    const log = createRedisTerminationLog(server.redis);
    await log.noteWorker(9000);
    await log.read();
    await log.noteWorker(7000);

    expect((await log.read()).workerSeenAt).toBe(7000);
  });
});
