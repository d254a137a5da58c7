import { eventually } from '../../support/eventually.ts';
import {
  distributed,
  endProcesses,
  startRedis,
  startWeb,
  type Environment,
  type RedisServer,
  type WebProcess,
} from '../../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../../support/real-servers.ts';
import { textsIn, type Person } from '../../support/test-client.ts';
import { creatorId, GradAgendaClient, gradagenda, joinerId } from './support.ts';

jest.setTimeout(60_000);

describe('GradAgenda over several web processes', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  let environment: Environment;
  let webs: readonly [WebProcess, WebProcess];

  beforeAll(async () => {
    scratch = mongoScratch();
    redis = await startRedis();
    // Wake-ups have to do it: the fallback check would come after a test's patience.
    environment = {
      ...distributed(scratch.name, redis.url),
      ...gradagenda,
      LONG_POLLING_SLEEP: '30',
    };
  });
  beforeEach(async () => {
    webs = await Promise.all([startWeb(environment), startWeb(environment)]);
    for (const web of webs) {
      await eventually(async () => (await web.readiness()).state === 'ok', 'ready', 20_000);
    }
  });
  afterEach(() => {
    for (const web of webs) web.kill('SIGKILL');
  });
  afterAll(async () => {
    await redis.dispose();
    await endProcesses();
    await scratch.dispose();
  });

  const enter = (web: WebProcess, person: Person, number: 1 | 2, options = {}) =>
    GradAgendaClient.enter(
      `${web.origin.replace('http', 'ws')}/ws/gradagenda`,
      person,
      number,
      options,
    );

  it('carries a conversation, whichever process each is at', async () => {
    const { creator, joiner } = await webs[0].client.quietPair();
    const one = await enter(webs[0], creator, 1);
    const two = await enter(webs[1], joiner, 2);

    await one.send(creator, 'from one');
    await two.text('from one');
    await two.send(creator, 'from two');
    await one.text('from two');

    expect(one.textsFrom(joinerId(creator))).toEqual(['from two']);
    await eventually(async () => textsIn(await webs[0].client.receive(joiner)).length === 0);
  });

  it('ends an older connection at another process', async () => {
    const { creator, joiner } = await webs[0].client.quietPair();
    const older = await enter(webs[0], joiner, 2);
    const newer = await enter(webs[1], joiner, 2);

    expect(await older.closed).toEqual({ code: 1008, reason: 'superseded' });
    await webs[0].client.send(creator, 'to the newer');
    await newer.text('to the newer');
  });

  it('ends both connections when one closes the chat', async () => {
    const { creator, joiner } = await webs[0].client.quietPair();
    const one = await enter(webs[0], creator, 1);
    const two = await enter(webs[1], joiner, 2);

    await one.ask({ type: 'request-mutable-session-deletion', 'session-id': creator.chatToken });

    expect([(await one.closed).code, (await two.closed).code]).toEqual([1000, 1000]);
  });

  it('loses nothing when a process is killed, and shows a client nothing under two ids', async () => {
    const { creator, joiner } = await webs[0].client.quietPair();
    const before = await enter(webs[0], joiner, 2, { autoPong: false });
    await webs[1].client.send(creator, 'unproven');
    const first = await before.text('unproven');

    webs[0].kill('SIGKILL');
    await before.closed;
    const after = await enter(webs[1], joiner, 2);

    expect(await after.text('unproven')).toEqual(first);
    await eventually(async () => textsIn(await webs[1].client.receive(joiner)).length === 0);
    expect(after.textsFrom(creatorId(creator))).toEqual(['unproven']);
  });

  it('tells its clients to come back when a process is told to stop', async () => {
    const { joiner } = await webs[0].client.quietPair();
    const two = await enter(webs[0], joiner, 2);

    webs[0].kill('SIGTERM');

    expect((await two.closed).code).toBe(1012);
    expect(await webs[0].ended).toBe(0);
  });
});
