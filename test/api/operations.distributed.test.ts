import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { newToken } from '../../src/chat/chat.ts';
import { ANYTHING } from '../../src/chat/wake-bus.ts';
import { withInboxMemory, type KeptInbox } from '../../src/distributed/inbox-memory.ts';
import { createMongoChatStore } from '../../src/distributed/mongo/mongo-chat-store.ts';
import { connectRedis } from '../../src/distributed/redis/connection.ts';
import { createRedisWakeBus } from '../../src/distributed/redis/redis-wake-bus.ts';
import { eventually } from '../support/eventually.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { useFreshService } from '../support/test-service.ts';

/** What MongoDB is asked for, in commands at its driver. Time stands still unless a test moves it. */
describe('commands to MongoDB', () => {
  const clock = new ManualClock();
  let commands: string[] = [];
  const service = useFreshService({
    clock,
    // Counting live chats is a command of its own, once in a while.
    environment: { RATE_LIMITS: 'off' },
    adapt: () => {
      commands = [];
      const connect = (name: string) =>
        connectRedis({ url: process.env['REDIS_URL']!, name, logger: pino({ level: 'silent' }) });
      const wakeBus = createRedisWakeBus({
        publisher: connect('commands'),
        subscriber: connect('wake-ups'),
      });
      const store = createMongoChatStore({
        uri: process.env['MONGODB_URI']!,
        database: `sfchat_operations_${newToken()}`,
        timing: { chatLifetimeMs: 86_400_000, closedGraceMs: 600_000 },
        absenceCloseAfterMs: 360_000,
        onCommand: (name) => {
          commands.push(name);
        },
      });
      const disconnect = async () => {
        await wakeBus.disconnect();
        await store.disconnect();
      };
      const memory = wakeBus.addMemory<KeptInbox>(ANYTHING);
      return { store: withInboxMemory(store, memory, clock), wakeBus, disconnect };
    },
  });
  const client = () => service().client;

  beforeEach(async () => {
    await eventually(() => service().backend.wakeBus.isHealthy(), 'the bus is connected');
    const indexes = () => commands.filter((name) => name === 'createIndexes');
    await eventually(() => indexes().length >= 2, 'the indexes of both collections are made');
  });

  it('are three for a message: send, read, acknowledge; the next poll knows that nothing is left', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner);
    await service().held(1);
    commands = [];

    await client().send(creator, 'Hi');
    const { messages } = (await poll.answer).results;
    await client().acknowledge(joiner, ...messages.map(({ _id }) => _id));
    client().hold(joiner);
    await service().held(1);

    expect(commands).toEqual(['update', 'find', 'update']);
  });

  it('are none for polls that idle, and none when they go on at once after their end was read', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [creator, joiner].map((person) => client().hold(person));
    await service().held(2);
    await setTimeout(50);
    commands = [];

    await clock.advance(44_000);
    expect(commands).toEqual([]);
    await clock.advance(1000);
    await Promise.all(polls.map(({ answer }) => answer));
    const atTheEnd = [...commands];
    for (const person of [creator, joiner]) client().hold(person);
    await service().held(2);

    expect(commands).toEqual(atTheEnd);
  });

  it('are none for short polls that follow one another, but for a read now and then and their end put off', async () => {
    const { joiner } = await client().quietPair();
    const pollOnce = async () => {
      const poll = client().hold(joiner, '?hold=2');
      await service().held(1);
      await clock.advance(2000);
      await poll.answer;
    };
    await pollOnce();
    commands = [];

    for (let polls = 0; polls < 13; polls += 1) await pollOnce();
    expect(commands).toEqual([]);
    for (let polls = 0; polls < 15; polls += 1) await pollOnce();

    await eventually(() => commands.includes('update'), 'its end is put off');
    expect(commands.toSorted()).toEqual(['find', 'update']);
  });
});
