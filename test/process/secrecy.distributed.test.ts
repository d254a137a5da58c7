import type { Redis } from 'ioredis';
import { eventually } from '../support/eventually.ts';
import {
  distributed,
  endProcesses,
  startRedis,
  startWeb,
  type RedisServer,
  type WebProcess,
} from '../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../support/real-servers.ts';
import { everyStatus, SecretTalk, talkative } from '../support/secret-talk.ts';

jest.setTimeout(120_000);

describe('secrets of the distributed server', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  beforeAll(async () => {
    scratch = mongoScratch();
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.dispose();
    await endProcesses();
    await scratch.dispose();
  });

  const start = async (): Promise<WebProcess> => {
    const web = await startWeb({ ...talkative, ...distributed(scratch.name, redis.url) });
    await eventually(async () => (await web.readiness()).state === 'ok', 'ready', 20_000);
    return web;
  };

  const documents = async (): Promise<string> => {
    const collections = await scratch.db.collections();
    const all = await Promise.all(collections.map((each) => each.find().toArray()));
    return JSON.stringify(all);
  };

  it('stand in no log, on no page and nowhere in Redis, and in no document when all is over, also after a crash', async () => {
    const heard: string[] = [];
    const listener = redis.redis.duplicate();
    const monitor = await listener.monitor();
    monitor.on('monitor', (_time: string, args: string[]) => heard.push(args.join(' ')));
    const first = await start();
    const talk = new SecretTalk(first);
    await talk.talk();
    const pages = await talk.operatorsPages();
    expect(talk.foundIn(await documents())).not.toEqual([]);
    const kept = await everythingIn(redis.redis);
    first.kill('SIGKILL');
    await first.ended;

    const second = await start();
    talk.moveTo(second);
    await talk.end();
    const pagesAfter = await talk.operatorsPages();
    const keptAfter = await everythingIn(redis.redis);
    monitor.disconnect();
    listener.disconnect();

    expect([...talk.statuses].sort((one, other) => one - other)).toEqual(everyStatus);
    const log = [...first.lines, ...second.lines].join('\n');
    expect(log).toContain('/api/v1/messages.json');
    expect(log).not.toContain('canary');
    expect(talk.foundIn(log)).toEqual([]);
    expect(talk.foundIn(pages + pagesAfter)).toEqual([]);
    expect(kept).toContain('{');
    expect(talk.foundIn(kept + keptAfter)).toEqual([]);
    expect(heard.join('\n')).toMatch(/publish/i);
    expect(talk.foundIn(heard.join('\n'))).toEqual([]);
    expect(talk.foundIn(await documents())).toEqual([]);
  });
});

/** Every key with its serialised value, whatever its type. */
async function everythingIn(redis: Redis): Promise<string> {
  const keys = await redis.keys('*');
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = await redis.type(key);
      if (type === 'string') return redis.get(key);
      if (type === 'hash') return redis.hgetall(key);
      if (type === 'list') return redis.lrange(key, 0, -1);
      if (type === 'set') return redis.smembers(key);
      if (type === 'zset') return redis.zrange(key, '0', '-1');
      return redis.xrange(key, '-', '+');
    }),
  );
  return JSON.stringify(keys.map((key, index) => [key, values[index]]));
}
