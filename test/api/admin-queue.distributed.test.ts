import { Queue, Worker, type Processor } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Backend } from '../../src/backend.ts';
import { newToken } from '../../src/chat/chat.ts';
import { connectRedis } from '../../src/distributed/redis/connection.ts';
import type { TerminationReport } from '../../src/chat/terminate-chats.ts';
import {
  jobOptions,
  openTerminationQueue,
  TERMINATION,
  type TerminationQueue,
} from '../../src/distributed/queue/termination-queue.ts';
import { runInQueue } from '../../src/distributed/queue/run-in-queue.ts';
import { eventually } from '../support/eventually.ts';
import { startService, type TestService } from '../support/test-service.ts';

const operator = {
  Authorization: `Basic ${Buffer.from('any:secret of twelve').toString('base64')}`,
};
const report: TerminationReport = { expired: 3, removed: 4, milliseconds: 5 };

/** A backend whose workers take their jobs from this queue. */
const adaptTo = (queue: TerminationQueue): Partial<Backend> => ({
  openQueue: () => queue,
  runTermination: (_terminate, options) => runInQueue(() => Promise.resolve(queue), options),
});

describe('the administration of many processes', () => {
  let redis: Redis;
  let prefix: string;
  let queue: TerminationQueue;
  let service: TestService;
  const workers: Worker[] = [];

  beforeEach(async () => {
    redis = new Redis(process.env['REDIS_URL']!, { maxRetriesPerRequest: null });
    // The workers of other suites must not take these jobs.
    prefix = `{test-${newToken()}}`;
    queue = new Queue(TERMINATION, { connection: redis, prefix, defaultJobOptions: jobOptions });
    service = await startService({
      environment: { ADMIN_PASSWORD: 'secret of twelve' },
      adapt: () => adaptTo(queue),
    });
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
    await service.close();
    await queue.obliterate({ force: true });
    await queue.close();
    redis.disconnect();
  });

  const work = (processor: Processor<null, TerminationReport>) => {
    const worker = new Worker(TERMINATION, processor, { connection: redis, prefix });
    workers.push(worker);
  };
  const get = (path: string, headers: Record<string, string> = operator) =>
    service.client.raw('GET', path, { headers });

  /** Presses the button and lets the time pass in which the page waits. */
  const press = async (step: number): Promise<string | undefined> => {
    const { text } = await get('/admin');
    const form = /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '';
    let html: string | undefined;
    void service.client
      .raw('POST', '/admin', {
        headers: { ...operator, 'Sec-Fetch-Site': 'same-origin' },
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams({ form }).toString(),
      })
      .then((answer) => (html = answer.text));
    await eventually(async () => {
      await service.clock.advance(step);
      return html !== undefined;
    });
    return /role="status">([^<]+)</.exec(html ?? '')?.[1];
  };

  it('links to the board, and the board links back', async () => {
    const { text: page } = await get('/admin');
    const { text: board } = await get('/admin/queues/');

    expect(page).toContain('<a href="/admin/queues/">Queue board</a>');
    const [, config = '{}'] = /id="__UI_CONFIG__"[^>]*>([^<]*)</.exec(board) ?? [];
    expect(JSON.parse(config)).toMatchObject({ miscLinks: [{ url: '/admin' }] });
  });

  it('shows what a worker made of the job', async () => {
    work(() => Promise.resolve(report));

    expect(await press(10)).toContain('ended: 3. Finished and removed: 4.');
  });

  it('says that the job failed, after one attempt', async () => {
    let attempts = 0;
    work(() => {
      attempts += 1;
      return Promise.reject(new Error('no'));
    });

    expect(await press(10)).toContain('Termination failed.');
    expect(attempts).toBe(1);
  });

  it('says that no worker has taken it', async () => {
    expect(await press(200)).toContain('no worker has taken it yet');
    expect(await queue.getWaitingCount()).toBe(1);
  });

  it('says that a long run goes on', async () => {
    let finish: (value: TerminationReport) => void = () => undefined;
    work(() => new Promise((resolve) => (finish = resolve)));

    expect(await press(20)).toContain('still running');
    finish(report);
  });

  it('says that the queue does not answer', async () => {
    const logger = pino({ level: 'silent' });
    const nowhere = connectRedis({ url: 'redis://127.0.0.1:1', name: 'queue', logger });
    const lost = openTerminationQueue(nowhere);
    await service.close();
    service = await startService({
      environment: { ADMIN_PASSWORD: 'secret of twelve' },
      adapt: () => adaptTo(lost),
    });

    const result = await press(200);
    const board = await get('/admin/queues/');
    const jobs = await get('/admin/queues/api/queues');
    nowhere.disconnect();
    await lost.close();

    expect(result).toContain('The queue does not answer.');
    expect(board.status).toBe(200);
    expect(jobs.status).toBe(503);
    expect(jobs.headers['retry-after']).toBe('2');
  });

  it('says that the queue was lost after it took the job', async () => {
    jest.spyOn(queue, 'getJobState').mockRejectedValue(new Error('Connection is closed.'));

    expect(await press(10)).toContain('the queue has stopped answering');
  });

  it('says that a queue which refuses the job does not answer', async () => {
    jest.spyOn(queue, 'add').mockRejectedValue(new Error('Connection is closed.'));

    expect(await press(10)).toContain('The queue does not answer.');
  });

  it('offers no run while Redis is known to be away, and says why', async () => {
    await service.close();
    service = await startService({
      environment: { ADMIN_PASSWORD: 'secret of twelve' },
      adapt: () => ({
        ...adaptTo(queue),
        terminationLog: {
          note: () => Promise.resolve(),
          read: () => Promise.reject(new Error('Connection is closed.')),
        },
      }),
    });
    const { text } = await get('/admin');

    expect(text).toContain('Redis is away');
    expect(text).toMatch(/<button [^>]*disabled[^>]*>Run termination now</);
  });

  it('has the queue board behind the same password', async () => {
    for (const path of ['/admin/queues', '/admin/queues/', '/admin/queues/api/queues']) {
      expect((await get(path, {})).status).toBe(401);
      expect((await get(path)).status).toBe(200);
    }
    expect((await get('/admin')).text).toContain('href="/admin/queues/"');
  });

  it('relaxes the policy of the board by what it needs and nothing more', async () => {
    const { headers } = await get('/admin/queues/');
    const policy = headers['content-security-policy'];

    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });

  it('lets nobody keep what the board answers, and nobody change the queue', async () => {
    for (const path of ['/admin/queues/api/queues', '/admin/queues/static/images/logo.svg']) {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    for (const [method, action] of [
      ['PUT', 'pause'],
      ['PUT', 'empty'],
      ['PUT', 'obliterate'],
      ['POST', 'add'],
    ] as const) {
      const path = `/admin/queues/api/queues/${TERMINATION}/${action}`;
      const headers = { ...operator, 'Sec-Fetch-Site': 'same-origin' };
      expect((await service.client.raw(method, path, { headers })).status).toBe(501);
    }
    expect(await queue.isPaused()).toBe(false);
  });

  it('shows no address of a worker', async () => {
    work(() => Promise.resolve(report));
    await eventually(async () => {
      const { text } = await get(`/admin/queues/api/queues/${TERMINATION}/workers`);
      return (JSON.parse(text) as { workers: unknown[] }).workers.length === 1;
    });
    const { text } = await get(`/admin/queues/api/queues/${TERMINATION}/workers`);

    expect(text).not.toMatch(/127\.0\.0\.1|::1/);
  });
});
