import { exec } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startMongoProxy, type Fault, type MongoProxy } from '../support/mongo-proxy.ts';
import { mongoScratch, mongoUri, type MongoScratch } from '../support/real-servers.ts';
import { History } from './mongo-history.ts';
import { startWeb, type Web } from './mongo-service.ts';

/**
 * What clients see while the database is in trouble. The second block stops and kills a server, which
 * no other suite must be using: it runs when these are set, and is skipped otherwise.
 *
 * - `MONGODB_VICTIM_URI`: the server
 * - `MONGODB_PAUSE`, `MONGODB_RESUME`: shell commands that stop it in its tracks (SIGSTOP) and let it go on
 * - `MONGODB_KILL`, `MONGODB_START`: shell commands that kill it at once (SIGKILL) and start it on its old data
 */

jest.setTimeout(120_000);

/** Milliseconds that one operation of the store may take in these tests. */
const OPERATION_TIMEOUT_MS = 1000;

/** Milliseconds that an answer may take beyond that: two operations, and a busy machine. */
const SLACK_MS = 1500;

/** Runs histories of two talks at once, during which `trouble` happens. */
async function playDuring(web: Web, count: number, trouble: () => Promise<void>): Promise<History> {
  const history = new History(web.urls);
  await Promise.all([history.play(count), history.play(count), trouble()]);
  return history;
}

describe('MongoDB in trouble, behind a proxy', () => {
  let proxy: MongoProxy;
  let scratch: MongoScratch;
  let web: Web;

  beforeAll(async () => {
    proxy = await startMongoProxy(mongoUri());
    scratch = mongoScratch();
    const options = { uri: proxy.uri, operationTimeoutMs: OPERATION_TIMEOUT_MS };
    web = await startWeb([await scratch.connect(options), await scratch.connect(options)]);
  });

  beforeEach(() => {
    proxy.fault = () => null;
  });

  afterAll(async () => {
    await web.close();
    await scratch.dispose();
    await proxy.close();
  });

  it('loses and repeats nothing in a network that does all kinds of harm', async () => {
    const harm: readonly Fault[] = [
      { kind: 'cut' },
      { kind: 'lose answer' },
      { kind: 'delay', by: 100 },
      ...[10107, 189, 91].flatMap((code): Fault[] => [
        { kind: 'error', code, carriedOut: false },
        { kind: 'error', code, carriedOut: true },
        { kind: 'write concern error', code },
      ]),
    ];
    proxy.fault = () => (randomInt(100) < 8 ? harm[randomInt(harm.length)]! : null);
    const before = proxy.faults;

    // Chance decides what is spoiled, and how many commands a talk needs: it goes on until there was harm enough.
    do await playDuring(web, 20, () => Promise.resolve());
    while (proxy.faults - before <= 20);

    expect(proxy.faults - before).toBeGreaterThan(20);
  });

  it('answers 503 while the server is away, and goes on when it is back', async () => {
    const history = await playDuring(web, 40, async () => {
      await sleep(200);
      proxy.stop();
      await sleep(2500);
      proxy.resume();
    });

    expect(history.unavailable).toBeGreaterThan(0);
    expect(history.slowest).toBeLessThan(OPERATION_TIMEOUT_MS + SLACK_MS);
  });

  it('answers 503 in time while nothing gets through, and goes on afterwards', async () => {
    const history = await playDuring(web, 40, async () => {
      await sleep(200);
      proxy.freeze();
      await sleep(3000);
      proxy.resume();
    });

    expect(history.unavailable).toBeGreaterThan(0);
    expect(history.slowest).toBeLessThan(OPERATION_TIMEOUT_MS + SLACK_MS);
  });

  it('hides an interruption that is shorter than the time of an operation', async () => {
    const patient = await startWeb([await scratch.connect({ uri: proxy.uri })]);
    try {
      const history = await playDuring(patient, 40, async () => {
        for (let round = 0; round < 3; round++) {
          await sleep(150);
          proxy.stop();
          await sleep(200);
          proxy.resume();
        }
      });

      expect(history.unavailable).toBe(0);
    } finally {
      await patient.close();
    }
  });

  it('answers 503 when the pool is full, and goes on when it is not any more', async () => {
    const uri = new URL(proxy.uri);
    uri.searchParams.set('maxPoolSize', '1');
    const options = { uri: uri.href, operationTimeoutMs: 300 };
    const small = await startWeb([await scratch.connect(options)]);
    try {
      proxy.fault = () => ({ kind: 'delay', by: 120 });
      const histories = Array.from({ length: 6 }, () => new History(small.urls));
      const playing = histories.map((history) => history.play(5));
      await sleep(1500);
      proxy.fault = () => null;
      await Promise.all(playing);

      const unavailable = histories.reduce((sum, history) => sum + history.unavailable, 0);
      expect(unavailable).toBeGreaterThan(0);
    } finally {
      await small.close();
    }
  });
});

const victim = {
  uri: process.env['MONGODB_VICTIM_URI'],
  pause: process.env['MONGODB_PAUSE'],
  resume: process.env['MONGODB_RESUME'],
  kill: process.env['MONGODB_KILL'],
  start: process.env['MONGODB_START'],
};
const hasVictim = Object.values(victim).every((value) => value !== undefined);

(hasVictim ? describe : describe.skip)('MongoDB in trouble itself', () => {
  let scratch: MongoScratch;
  let web: Web;

  /** The output of a server that it starts must not keep it waiting. */
  const run = async (command: string | undefined): Promise<void> => {
    await promisify(exec)(`(${command ?? 'false'}) </dev/null >/dev/null 2>&1`);
  };

  beforeAll(async () => {
    scratch = mongoScratch(victim.uri);
    const options = { operationTimeoutMs: OPERATION_TIMEOUT_MS };
    web = await startWeb([await scratch.connect(options), await scratch.connect(options)]);
  });

  afterAll(async () => {
    await web.close();
    await scratch.dispose();
  });

  it('answers 503 in time while the server is stopped, and goes on afterwards', async () => {
    const history = await playDuring(web, 40, async () => {
      await sleep(200);
      await run(victim.pause);
      await sleep(3000);
      await run(victim.resume);
    });

    expect(history.unavailable).toBeGreaterThan(0);
    expect(history.slowest).toBeLessThan(OPERATION_TIMEOUT_MS + SLACK_MS);
  });

  it('loses nothing that was acknowledged when the server is killed', async () => {
    const history = await playDuring(web, 60, async () => {
      await sleep(400);
      await run(victim.kill);
      await sleep(1500);
      await run(victim.start);
    });

    expect(history.unavailable).toBeGreaterThan(0);
  });
});
