import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectId } from 'mongodb';
import { userIdOf } from '../../src/chat/chat.ts';
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
import { eventsIn, textsIn, type Answer, type Person } from '../support/test-client.ts';

/** Seconds between the fallback checks of a held poll: what is answered sooner was woken. */
const SLEEP = 8;

/** Milliseconds within which a wake-up must have arrived, on a machine that is busy with other tests. */
const WOKEN = 4000;

jest.setTimeout(60_000);

describe('two web processes and a Redis that fails', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  let one: WebProcess;
  let two: WebProcess;

  beforeAll(async () => {
    scratch = mongoScratch();
    redis = await startRedis();
    const environment = {
      ...distributed(scratch.name, redis.url),
      LONG_POLLING_SLEEP: String(SLEEP),
      LONG_POLLING_ITERATION: '3',
    };
    [one, two] = await Promise.all([startWeb(environment), startWeb(environment)]);
    await bothAre('ok');
  });

  afterAll(async () => {
    await redis.dispose();
    await endProcesses();
    await scratch.dispose();
  });

  const bothAre = (state: string): Promise<void> =>
    eventually(
      async () => {
        const found = await Promise.all([one.readiness(), two.readiness()]);
        return found.every((readiness) => readiness.state === state);
      },
      `both are ${state}`,
      20_000,
    );

  /** Gives an answer and how many milliseconds it took. */
  const timed = async (answer: Promise<Answer>): Promise<[Answer, number]> => {
    const begun = performance.now();
    return [await answer, performance.now() - begun];
  };

  /** A poll of the second process that has found nothing and waits. */
  const holdAtTwo = async (person: Person) => {
    const before = await pollOf(person);
    const poll = two.client.hold(person);
    await eventually(async () => (await pollOf(person)) !== before, 'the poll is held');
    return poll;
  };

  /** Id of the newest long poll as the database has it: it is written with the first check. */
  const pollOf = async ({ chatToken, userToken }: Person): Promise<string | undefined> => {
    const chat = await scratch.chats.findOne({ _id: new ObjectId(chatToken) });
    const polls = chat?.['long_polling'] as { _id: ObjectId; user_token: ObjectId }[] | undefined;
    const own = polls?.find(({ user_token }) => user_token.toHexString() === userIdOf(userToken));
    return own?._id.toHexString();
  };

  it('wakes a poll held by the other process at once', async () => {
    const { creator, joiner } = await one.client.quietPair();
    const poll = await holdAtTwo(joiner);

    const held = timed(poll.answer);
    await one.client.send(creator, 'across');
    const [answer, milliseconds] = await held;

    expect(textsIn(answer)).toEqual(['across']);
    expect(milliseconds).toBeLessThan(WOKEN);
  });

  it('ends a poll at once that another process supersedes', async () => {
    const { joiner } = await one.client.quietPair();
    const older = await holdAtTwo(joiner);

    const newer = one.client.hold(joiner);
    const [answer, milliseconds] = await timed(older.answer);
    newer.abort();

    expect(answer.status).toBe(409);
    expect(milliseconds).toBeLessThan(WOKEN);
  });

  it('tells a poll at once that another process has closed the chat', async () => {
    const { creator, joiner } = await one.client.quietPair();
    const poll = await holdAtTwo(joiner);

    await one.client.close(creator);
    const [answer, milliseconds] = await timed(poll.answer);

    expect(eventsIn(answer)).toEqual(['closed']);
    expect(milliseconds).toBeLessThan(WOKEN);
  });

  it('loses no wake-up when Redis is emptied', async () => {
    const { creator, joiner } = await one.client.quietPair();
    const poll = await holdAtTwo(joiner);

    await redis.redis.flushall();
    await one.client.send(creator, 'after the flood');
    const [answer, milliseconds] = await timed(poll.answer);

    expect(textsIn(answer)).toEqual(['after the flood']);
    expect(milliseconds).toBeLessThan(WOKEN);
  });

  it('goes on without Redis, says so, and makes up for it when Redis is back', async () => {
    const { creator, joiner } = await one.client.quietPair();
    const heldBefore = await holdAtTwo(joiner);

    redis.kill('SIGKILL');
    await bothAre('degraded');
    const [sent, took] = await timed(one.client.send(creator, 'in the dark'));
    expect(sent.status).toBe(202);
    expect(took).toBeLessThan(WOKEN);
    await redis.restart();
    const [answer] = await timed(heldBefore.answer);

    // Woken when the subscriptions were renewed, or found by a fallback check: never lost.
    expect(textsIn(answer)).toEqual(['in the dark']);
    await bothAre('ok');
    expect(one.lines.filter((line) => line.includes('Redis is back'))).not.toHaveLength(0);
  });

  it('finds by iterations what no wake-up told while Redis is away', async () => {
    const { creator, joiner } = await one.client.quietPair();
    redis.kill('SIGKILL');
    await bothAre('degraded');

    const poll = await holdAtTwo(joiner);
    await one.client.send(creator, 'found');
    const [answer, milliseconds] = await timed(poll.answer);
    await redis.restart();
    await bothAre('ok');

    expect(textsIn(answer)).toEqual(['found']);
    expect(milliseconds).toBeLessThan((SLEEP + 4) * 1000);
  });

  it('leaves a poll that was asked after one at the other process, of which no wake-up tells', async () => {
    const { creator, joiner } = await one.client.quietPair();
    /** Answered at once: nothing waits. It will be followed by another one soon. */
    const ask = (web: WebProcess) => web.client.hold(joiner, '?waiting=1&hold=2').answer;
    await ask(one);
    await ask(two);
    // Read once more, the inbox is remembered.
    await ask(two);
    redis.kill('SIGSTOP');
    await ask(one);

    const last = two.client.hold(joiner);
    await sleep(100);
    await two.client.send(creator, 'to the last');
    const answer = await last.answer;
    redis.kill('SIGCONT');
    await bothAre('ok');

    expect(answer.status).toBe(200);
    expect(textsIn(answer)).toEqual(['to the last']);
  });

  it('notices a Redis that hangs, and answers promptly all the while', async () => {
    const { creator, joiner } = await one.client.quietPair();
    redis.kill('SIGSTOP');

    const slowest = await slowestOf(20, () => one.client.send(creator, 'hello?'));
    await bothAre('degraded');
    const whileDegraded = await slowestOf(20, () => one.client.send(creator, 'hello!'));
    redis.kill('SIGCONT');
    await bothAre('ok');

    // A command gives up after half a second; once the connection counts as dead nobody waits at all.
    expect(slowest).toBeLessThan(2000);
    expect(whileDegraded).toBeLessThan(2000);
    expect((await two.client.receive(joiner)).results.count).toBe(40);
  });
});

async function slowestOf(count: number, call: () => Promise<Answer>): Promise<number> {
  let slowest = 0;
  for (let round = 0; round < count; round += 1) {
    const begun = performance.now();
    expect((await call()).status).toBe(202);
    slowest = Math.max(slowest, performance.now() - begun);
    await sleep(20);
  }
  return slowest;
}
