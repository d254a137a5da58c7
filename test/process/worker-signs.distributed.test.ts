import { eventually } from '../support/eventually.ts';
import {
  distributed,
  endProcesses,
  startRedis,
  startScript,
  startWeb,
  startWorker,
  type RedisServer,
  type WebProcess,
} from '../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../support/real-servers.ts';

jest.setTimeout(90_000);

describe('what a web process says of workers', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  let web: WebProcess;

  beforeAll(async () => {
    scratch = mongoScratch();
    redis = await startRedis();
    web = await startWeb(distributed(scratch.name, redis.url));
  });

  afterAll(async () => {
    await redis.dispose();
    await endProcesses();
    await scratch.dispose();
  });

  const becomes = (line: RegExp): Promise<void> =>
    eventually(
      async () => line.test((await web.client.raw('GET', '/metrics')).text),
      `${line} is in the metrics`,
      60_000,
    );

  const health = () => startScript('workers/health.js', distributed(scratch.name, redis.url)).ended;

  it('that none is there, that one lives and works, and that Redis does not tell', async () => {
    await becomes(/^sfchat_part_state\{part="worker",state="down"\} 1$/m);
    expect(await health()).toBe(1);

    const worker = startWorker(distributed(scratch.name, redis.url));
    await becomes(/^sfchat_part_state\{part="worker",state="ok"\} 1$/m);
    await becomes(/^sfchat_worker_heartbeat_timestamp_seconds [1-9]/m);
    await becomes(/^sfchat_last_termination_timestamp_seconds [1-9]/m);

    expect(await health()).toBe(0);

    // A Redis that was emptied does not undo a run that somebody has seen.
    worker.kill('SIGTERM');
    await worker.ended;
    await redis.redis.flushall();
    await becomes(/^sfchat_part_state\{part="worker",state="down"\} 1$/m);
    await becomes(/^sfchat_last_termination_timestamp_seconds [1-9]/m);

    redis.kill('SIGKILL');
    await becomes(/^sfchat_part_state\{part="worker",state="degraded"\} 1$/m);
    expect((await web.readiness()).state).toBe('degraded');
  });
});
