import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../src/chat/chat.ts';
import type { Token } from '../../src/protocol.ts';
import { eventually } from '../support/eventually.ts';
import { startMongoProxy } from '../support/mongo-proxy.ts';
import {
  distributed,
  endProcesses,
  startRedis,
  startScript,
  startWeb,
  type Environment,
  type RedisServer,
  type WebProcess,
} from '../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../support/real-servers.ts';
import { textsIn, type Answer, type Person, type TestClient } from '../support/test-client.ts';

jest.setTimeout(60_000);

describe('web processes that die', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  let environment: Environment;

  beforeAll(async () => {
    scratch = mongoScratch();
    redis = await startRedis();
    environment = { ...distributed(scratch.name, redis.url), LONG_POLLING_SLEEP: '2' };
  });

  afterAll(async () => {
    await redis.dispose();
    await endProcesses();
    await scratch.dispose();
  });

  const isReady = (web: WebProcess): Promise<void> =>
    eventually(async () => (await web.readiness()).state === 'ok', 'ready', 20_000);

  it('lose nothing that was acknowledged and show nothing twice, killed under load', async () => {
    const [one, two] = await Promise.all([startWeb(environment), startWeb(environment)]);
    await Promise.all([isReady(one), isReady(two)]);
    const clients = [one.client, two.client];
    const pairs = await Promise.all(Array.from({ length: 8 }, () => two.client.quietPair()));
    const talks = pairs.map(
      ({ creator, joiner }) => new Talk(clients, { sender: creator, receiver: joiner, count: 25 }),
    );

    const running = Promise.all(talks.map((talk) => talk.run()));
    await eventually(() => talks.every(({ sent }) => sent.length > 5), 'everybody is talking');
    one.kill('SIGKILL');
    await running;

    for (const { sent, shown } of talks) expect(shown).toEqual(sent);
    expect(talks.reduce((sum, { failures }) => sum + failures, 0)).toBeGreaterThan(0);
    two.kill('SIGTERM');
    expect(await two.ended).toBe(0);
  });

  it('leave the others what they were doing when one is replaced', async () => {
    const [one, two] = await Promise.all([startWeb(environment), startWeb(environment)]);
    await Promise.all([isReady(one), isReady(two)]);
    const { creator, joiner } = await one.client.quietPair();
    const poll = two.client.hold(joiner);
    await eventually(async () => (await heldPolls(two)) === 1, 'the poll is held');

    one.kill('SIGKILL');
    const anew = await startWeb(environment);
    await anew.client.send(creator, 'from the new one');

    expect(textsIn(await poll.answer)).toEqual(['from the new one']);
    await Promise.all([anew, two].map((web) => endWith(web, 'SIGTERM')));
  });

  it('tell each other of a client that asked for a short hold and did not come back', async () => {
    const [one, two] = await Promise.all([startWeb(environment), startWeb(environment)]);
    await Promise.all([isReady(one), isReady(two)]);
    const { creator, joiner } = await one.client.quietPair();
    const lastPoll = one.client.hold(joiner, '?hold=2');
    await eventually(async () => (await heldPolls(one)) === 1, 'the poll is held');
    const watching = two.client.hold(creator, '?present=true');

    expect((await lastPoll.answer).results).toMatchObject({ count: 0, status: 'ready' });

    // Its registration would outlast the watching poll.
    expect((await watching.answer).results.talker.present).toBe(false);
    await Promise.all([one, two].map((web) => endWith(web, 'SIGTERM')));
  });

  it('answer what they hold when they are told to stop', async () => {
    const web = await startWeb(environment);
    await isReady(web);
    const people = await Promise.all(Array.from({ length: 4 }, () => web.client.quietPair()));
    const polls = people.map(({ joiner }) => web.client.hold(joiner));
    await eventually(async () => (await heldPolls(web)) >= 4, 'the polls are held');

    web.kill('SIGTERM');
    const answers = await Promise.all(polls.map(({ answer }) => answer));

    expect(answers.map(({ status, results }) => [status, results.count])).toEqual(
      polls.map(() => [200, 0]),
    );
    expect(await web.ended).toBe(0);
  });

  it('answer what they hold when they are told to stop while both databases are away', async () => {
    const mongo = await startMongoProxy(`${environment['MONGODB_URI']}`);
    const bus = await startRedis();
    try {
      const away = { MONGODB_URI: mongo.uri, REDIS_URL: bus.url };
      const web = await startWeb({ ...environment, ...away, LONG_POLLING_SLEEP: '20' });
      await isReady(web);
      const { creator, joiner } = await web.client.quietPair();
      const poll = web.client.hold(joiner);
      // Once the talker learns that somebody is there, the poll has been read.
      await web.client.hold(creator, '?present=false').answer;
      bus.kill('SIGKILL');
      await eventually(async () => (await web.readiness()).state === 'degraded', 'Redis is away');
      mongo.freeze();

      web.kill('SIGTERM');

      expect(await poll.answer).toMatchObject({ status: 200, results: { count: 0 } });
      expect(await web.ended).toBe(0);
    } finally {
      await Promise.all([mongo.close(), bus.dispose()]);
    }
  });

  it.each([
    ['MONGODB_URI', 'mongodb://user:hunter2@host:port/'],
    ['REDIS_URL', 'redis://user:hunter2@host:port'],
    ['REDIS_URL', 'redis://user:hunter2@host/first'],
  ])('do not start with a %s that nobody can understand', async (variable, value) => {
    const web = startScript('src/server.js', { ...environment, [variable]: value });

    expect(await web.ended).toBe(1);
    expect(web.lines).toEqual([expect.stringContaining(`${variable} cannot be used: `)]);
    expect(web.lines.join()).not.toContain('hunter2');
  });

  it('start without their servers, say so, and come to work when they are there', async () => {
    const away = await startRedis();
    away.kill('SIGKILL');
    const web = await startWeb({ ...environment, REDIS_URL: away.url });
    const lost = await startWeb({ ...environment, MONGODB_URI: 'mongodb://127.0.0.1:1/nothing' });

    expect((await web.client.raw('GET', '/healthz')).status).toBe(200);
    expect(await web.readiness()).toMatchObject({ state: 'degraded', parts: { storage: 'ok' } });
    expect((await lost.client.raw('GET', '/healthz')).status).toBe(200);
    expect((await lost.client.create()).status).toBe(503);
    expect((await lost.client.raw('GET', '/readyz')).status).toBe(503);
    await away.restart();
    await isReady(web);
    await away.dispose();
  });
});

/** One sends numbered texts, the other receives and acknowledges them; both go elsewhere when a server fails. */
class Talk {
  readonly sent: string[] = [];
  readonly shown: string[] = [];
  failures = 0;
  readonly #seen = new Set<Token>();
  readonly #clients: readonly TestClient[];
  readonly #sender: Person;
  readonly #receiver: Person;
  readonly #count: number;
  #turn = 0;

  constructor(
    clients: readonly TestClient[],
    { sender, receiver, count }: { sender: Person; receiver: Person; count: number },
  ) {
    this.#clients = clients;
    this.#sender = sender;
    this.#receiver = receiver;
    this.#count = count;
  }

  async run(): Promise<void> {
    await Promise.all([this.#send(), this.#receive()]);
  }

  async #send(): Promise<void> {
    for (let number = 0; number < this.#count; number += 1) {
      const message = { _id: newToken(), msg: `text ${number}` };
      await this.#insist(202, (client) => client.send(this.#sender, message));
      this.sent.push(message.msg);
      await sleep(20);
    }
  }

  async #receive(): Promise<void> {
    while (this.shown.length < this.#count) {
      const { results } = await this.#insist(200, (client) => client.hold(this.#receiver).answer);
      for (const { _id, msg } of results.messages) {
        if (!this.#seen.has(_id)) this.shown.push(msg);
        this.#seen.add(_id);
      }
      const ids = results.messages.map(({ _id }) => _id);
      if (ids.length === 0) continue;
      await this.#insist(202, (client) => client.acknowledge(this.#receiver, ...ids));
    }
  }

  /** Takes the servers by turns until one answers as expected. */
  async #insist(status: number, call: (client: TestClient) => Promise<Answer>): Promise<Answer> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      this.#turn += 1;
      const client = this.#clients[this.#turn % this.#clients.length]!;
      const answer = await call(client).catch(() => null);
      if (answer?.status === status) return answer;
      this.failures += 1;
      await sleep(20);
    }
    throw new Error(`Nobody answered ${status}`);
  }
}

async function heldPolls({ client }: WebProcess): Promise<number> {
  const { text } = await client.raw('GET', '/metrics');
  return Number(/^sfchat_held_polls (\d+)/m.exec(text)?.[1]);
}

function endWith(process: WebProcess, signal: NodeJS.Signals): WebProcess['ended'] {
  process.kill(signal);
  return process.ended;
}
