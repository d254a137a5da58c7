import { ObjectId } from 'mongodb';
import { newToken } from '../../src/chat/chat.ts';
import { openTerminationQueue } from '../../src/distributed/queue/termination-queue.ts';
import { eventually } from '../support/eventually.ts';
import {
  distributed,
  endProcesses,
  startRedis,
  startScript,
  startWeb,
  startWorker,
  type Environment,
  type RedisServer,
  type ServiceProcess,
} from '../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../support/real-servers.ts';

const DAY = 86_400_000;

jest.setTimeout(90_000);

describe('workers', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  let environment: Environment;

  beforeAll(async () => {
    redis = await startRedis();
  });

  beforeEach(async () => {
    scratch = mongoScratch();
    // Makes the indexes, as the first process of a deployment does.
    await scratch.connect();
    await redis.redis.flushall();
    environment = distributed(scratch.name, redis.url);
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  afterAll(async () => {
    await redis.dispose();
    await endProcesses();
  });

  /** Chats of two people, each with an unread text, whose lifetime is over a moment ago. */
  const addOverdue = async (count: number): Promise<void> => {
    const created = new Date(Date.now() - DAY - 1000);
    const documents = Array.from({ length: count }, () => overdueChat(created));
    await scratch.chats.insertMany(documents, { ordered: false });
  };

  const countExpired = (): Promise<number> => scratch.chats.countDocuments({ expired: true });

  const allExpired = (count: number): Promise<void> =>
    eventually(async () => (await countExpired()) === count, 'all are expired', 60_000);

  /** Every inbox holds the one notice, and nothing else, however often a job has met the chat. */
  const expectEachOnce = async (count: number): Promise<void> => {
    const chats = await scratch.chats.find().toArray();
    expect(chats).toHaveLength(count);
    const found = chats.map((chat) => {
      const messages = chat['messages'] as { event?: string }[];
      return [chat['status'], ...messages.map(({ event }) => event)].join();
    });
    expect(new Set(found)).toEqual(new Set(['closed,expired,expired']));
  };

  it('share the work of one schedule, and do it once', async () => {
    const workers = [startWorker(environment), startWorker(environment)];
    await Promise.all(workers.map((worker) => worker.line('worker is ready', 20_000)));

    await addOverdue(1200);
    await allExpired(1200);

    await expectEachOnce(1200);
    await Promise.all(workers.map((worker) => endWith(worker, 'SIGTERM')));
  });

  it('finish what one of them began that was killed', async () => {
    const count = 6000;
    await addOverdue(count);
    const victim = startWorker(environment);
    await eventually(async () => (await countExpired()) > 0, 'the job has begun', 30_000);
    victim.kill('SIGKILL');
    expect(await victim.ended).toBe('SIGKILL');
    const done = await countExpired();

    const worker = startWorker(environment);
    await allExpired(count);

    expect(done).toBeLessThan(count);
    await expectEachOnce(count);
    await endWith(worker, 'SIGTERM');
  });

  it('stop after the batch at hand, and the next one goes on from there', async () => {
    const count = 6000;
    await addOverdue(count);
    const first = startWorker(environment);
    await eventually(async () => (await countExpired()) > 0, 'the job has begun', 30_000);
    expect(await endWith(first, 'SIGTERM')).toBe(0);
    const done = await countExpired();

    const second = startWorker(environment);
    await allExpired(count);

    // Whole batches: the document count of an interrupted one would be any number.
    expect(done % 500).toBe(0);
    expect(done).toBeLessThan(count);
    await expectEachOnce(count);
    await endWith(second, 'SIGTERM');
  });

  it.each([
    ['emptied', () => redis.redis.flushall().then(() => undefined)],
    [
      'killed and started anew without its data',
      () => {
        redis.kill('SIGKILL');
        return redis.restart();
      },
    ],
  ])('put their schedule back into a Redis that was %s', async (_name, lose) => {
    const worker = startWorker(environment);
    await worker.line('worker is ready', 20_000);
    await addOverdue(1);
    await allExpired(1);

    await lose();
    await addOverdue(1);
    await allExpired(2);

    await expectEachOnce(2);
    await endWith(worker, 'SIGTERM');
  });

  it('keep the job for later while the database is away, and try again', async () => {
    const worker = startWorker({ ...environment, MONGODB_URI: 'mongodb://127.0.0.1:1/nothing' });
    // A step of the job waits half a minute for the database.
    await worker.line('job failed', 60_000);

    const queue = openTerminationQueue(redis.redis);
    const [failed] = await queue.getJobs(['delayed', 'failed', 'active', 'wait']);
    await queue.close();

    expect(failed?.opts.attempts).toBeGreaterThan(1);
    expect(worker.lines.join('\n')).toContain('storage cannot be used yet, trying again');
    await endWith(worker, 'SIGTERM');
  });

  it('keep a bounded number of finished jobs', async () => {
    const queue = openTerminationQueue(redis.redis);
    const worker = startWorker({ ...environment, TERMINATION_SCHEDULE: '0 0 1 1 *' });
    await queue.addBulk(Array.from({ length: 130 }, () => ({ name: queue.name, data: null })));
    await eventually(async () => (await queue.getWaitingCount()) === 0, 'all are done', 30_000);
    const counted = await queue.getCompletedCount();
    await queue.close();

    expect(counted).toBeLessThanOrEqual(101);
    await endWith(worker, 'SIGTERM');
  });

  it('wake who waits in a chat that an operator removes', async () => {
    const web = await startWeb({ ...environment, LONG_POLLING_SLEEP: '30' });
    const { creator, joiner } = await web.client.quietPair();
    const polls = [web.client.hold(creator), web.client.hold(joiner)];
    await eventually(async () => (await web.client.state(creator)).results.talker.present);

    const begun = performance.now();
    const command = startScript('workers/terminate.js', environment, ['--chat', creator.chatToken]);
    const answers = await Promise.all(polls.map(({ answer }) => answer));

    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(await command.ended).toBe(0);
    expect(command.lines.join('\n')).not.toContain(creator.chatToken);
    await endWith(web, 'SIGTERM');
  });

  it('refuse a Redis that would evict the queue', async () => {
    await redis.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const worker = startWorker(environment);
    const code = await worker.ended;
    await redis.redis.config('SET', 'maxmemory-policy', 'noeviction');

    expect(code).toBe(1);
    expect(worker.lines.join('\n')).toContain('maxmemory-policy allkeys-lru');
  });

  it('are not needed in embedded mode, and say so', async () => {
    const worker = startWorker({ SFCHAT_MODE: 'embedded' });

    expect(await worker.ended).toBe(1);
    expect(worker.lines).toEqual([expect.stringContaining('SFCHAT_MODE=embedded')]);
  });

  it('never write down how to get into the servers', async () => {
    const worker = startWorker({
      ...environment,
      MONGODB_URI: 'mongodb://user:hunter2@127.0.0.1:1/nothing',
      REDIS_URL: redis.url.replace('//', '//:hunter2@'),
    });
    await worker.line('storage cannot be used yet', 20_000).catch(() => undefined);
    worker.kill('SIGKILL');
    await worker.ended;

    expect(worker.lines).not.toHaveLength(0);
    expect(worker.lines.join('\n')).not.toContain('hunter2');
  });
});

function overdueChat(created: Date) {
  const [creator, joiner] = [id(), id()];
  const text = { _id: id(), user_token: joiner, msg: 'unread', system: false, created };
  return {
    _id: id(),
    status: 'ready',
    user_tokens: [creator, joiner],
    messages: [text],
    long_polling: [],
    created,
    encrypted: false,
  };
}

const id = (): ObjectId => ObjectId.createFromHexString(newToken());

function endWith(process: ServiceProcess, signal: NodeJS.Signals): ServiceProcess['ended'] {
  process.kill(signal);
  return process.ended;
}
