import type { Token } from '../../src/protocol.ts';
import { terminateChats, type TerminationOptions } from '../../src/chat/terminate-chats.ts';
import { draftChat, noticesOf, creationOf } from '../support/chats.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventsIn, textsIn, type Person } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

const LIFETIME = 24 * 3600 * 1000;
const GRACE = 600 * 1000;

describe('the termination job', () => {
  const service = useFreshService();
  const client = () => service().client;
  const advance = (milliseconds: number) => service().clock.advance(milliseconds);
  const run = async (options: Partial<TerminationOptions> = {}) => {
    const { backend, clock, timing } = service();
    const { store, wakeBus } = backend;
    const report = await terminateChats({ store, wakeBus, clock, timing, ...options });
    return { expired: report.expired, removed: report.removed };
  };
  const statusOf = async ({ chatToken }: Person) =>
    (await service().backend.store.find(chatToken))?.status ?? 'removed';
  const drafts = async (count: number): Promise<Token[]> => {
    const tokens: Token[] = [];
    for (let index = 0; index < count; index += 1) {
      const chat = draftChat({ created: service().clock.now() });
      await service().backend.store.create(creationOf(chat));
      tokens.push(chat.token);
    }
    return tokens;
  };

  it('leaves alone what is not over', async () => {
    const draft = await client().creator();
    const { creator } = await client().pair();
    await client().send(creator, 'Hi');
    const closed = await client().pair();
    await advance(LIFETIME - 1);
    await client().close(closed.creator);

    expect(await run()).toEqual({ expired: 0, removed: 0 });

    expect(await statusOf(draft)).toBe('draft');
    expect(await statusOf(creator)).toBe('ready');
    expect(await statusOf(closed.creator)).toBe('closed');
  });

  it('ends every chat over its lifetime: closed, with one message in each inbox', async () => {
    const draft = await client().creator();
    const { creator, joiner } = await client().pair();
    await client().send(creator, 'one', 'two');
    await advance(LIFETIME);

    expect(await run()).toEqual({ expired: 2, removed: 0 });

    for (const person of [draft, creator, joiner]) {
      expect(await statusOf(person)).toBe('closed');
      expect(eventsIn(await client().receive(person))).toEqual(['expired']);
    }
  });

  it('wakes held polls', async () => {
    const { creator, joiner } = await client().quietPair();
    const polls = [client().hold(creator), client().hold(joiner)];
    await service().held(2);
    // The job of another machine, whose clock is ahead of ours.
    const ahead = new ManualClock(service().clock.now() + LIFETIME);

    await run({ clock: ahead });

    for (const { answer } of polls) {
      const { results } = await answer;
      expect(results).toMatchObject({ status: 'closed', messages: [{ event: 'expired' }] });
    }
  });

  it('removes chats that were closed longer than the grace period', async () => {
    const { creator } = await client().pair();
    const other = await client().pair();
    await client().close(creator);
    await advance(1);
    await client().close(other.joiner);

    await advance(GRACE - 1);
    expect(await run()).toEqual({ expired: 0, removed: 1 });
    expect(await statusOf(creator)).toBe('removed');
    expect(await statusOf(other.creator)).toBe('closed');

    await advance(1);
    expect(await run()).toEqual({ expired: 0, removed: 1 });
    expect(await statusOf(other.creator)).toBe('removed');
  });

  it('removes a chat the grace period after the end of its lifetime, without a run before', async () => {
    const draft = await client().creator();
    const { creator } = await client().pair();
    await advance(LIFETIME + GRACE);

    expect(await run()).toMatchObject({ removed: 2 });

    expect(await statusOf(draft)).toBe('removed');
    expect(await statusOf(creator)).toBe('removed');
  });

  it('counts the grace period from the end of the lifetime, however late it comes', async () => {
    const { creator } = await client().pair();
    await advance(LIFETIME + GRACE - 1);
    await run();
    expect(await statusOf(creator)).toBe('closed');

    await advance(1);

    expect(await run()).toEqual({ expired: 0, removed: 1 });
  });

  it('does nothing the second time', async () => {
    const { creator, joiner } = await client().pair();
    await advance(LIFETIME);
    await run();
    await client().empty(creator);

    expect(await run()).toEqual({ expired: 0, removed: 0 });

    expect(eventsIn(await client().receive(creator))).toEqual([]);
    expect(eventsIn(await client().receive(joiner))).toEqual(['expired']);
  });

  it('ends each chat once when it runs twice at once', async () => {
    const tokens = await drafts(40);
    await advance(LIFETIME);

    const reports = await Promise.all([run({ batchSize: 7 }), run({ batchSize: 5 })]);

    expect(reports.map(({ expired }) => expired).reduce((sum, count) => sum + count)).toBe(40);
    for (const token of tokens) {
      const { messages } = (await service().backend.store.readInbox({
        chatToken: token,
        userId: (await service().backend.store.find(token))!.creator,
      }))!;
      expect(messages.map(({ event }) => event)).toEqual(['expired']);
    }
  });

  it.each([
    ['expires', 'expired', LIFETIME],
    ['removes', 'removed', LIFETIME + GRACE],
  ] as const)(
    '%s any number of chats in batches, and tells how far it is',
    async (_verb, step, age) => {
      await drafts(25);
      await advance(age);
      const progress: number[] = [];

      const report = await run({
        batchSize: 10,
        onProgress: (done) => {
          progress.push(done[step]);
        },
      });

      expect(report).toMatchObject({ [step]: 25 });
      expect([...new Set([0, ...progress])]).toEqual([0, 10, 20, 25]);
      expect(progress).toEqual(progress.toSorted((one, other) => one - other));
    },
  );

  it('may be killed after any batch, and the next run finds the rest', async () => {
    await drafts(30);
    await advance(LIFETIME + GRACE);
    let runs = 0;
    const killed = async () => {
      await expect(
        run({
          batchSize: 8,
          onProgress: () => {
            throw new Error('killed');
          },
        }),
      ).rejects.toThrow('killed');
      runs += 1;
      const { draft, closed } = await service().backend.store.countByStatus();
      return draft + closed;
    };
    while (runs < 4) await killed();

    await run();

    expect(await service().backend.store.countByStatus()).toEqual({
      draft: 0,
      ready: 0,
      closed: 0,
    });
  });

  it.each([
    ['expiring', 'expired', LIFETIME],
    ['removing', 'removed', LIFETIME + GRACE],
  ] as const)(
    'ends after the batch at hand when it is told to stop while %s',
    async (_verb, step, age) => {
      await drafts(20);
      await advance(age);
      const stopping = new AbortController();

      const report = await run({
        batchSize: 5,
        signal: stopping.signal,
        onProgress: (done) => {
          if (done[step] > 0) stopping.abort();
        },
      });

      expect(report).toMatchObject({ [step]: 5 });
    },
  );

  it('comes to an end though a chat cannot be expired', async () => {
    await drafts(3);
    await advance(LIFETIME);
    const { store } = service().backend;
    const stubborn: typeof store = Object.assign(Object.create(store) as typeof store, {
      findOverdue: store.findOverdue.bind(store),
      removeFinished: store.removeFinished.bind(store),
      forgetInvitations: store.forgetInvitations.bind(store),
      expire: () => Promise.resolve(0),
    });

    expect(await run({ store: stubborn, batchSize: 2 })).toEqual({ expired: 0, removed: 0 });
  });

  it('takes away every chat that was ever made, in the end', async () => {
    const { store } = service().backend;
    await client().creator();
    const { creator, joiner } = await client().pair();
    await client().send(joiner, 'Hi');
    await client().close((await client().pair()).creator);
    await store.close({
      chatToken: creator.chatToken,
      at: service().clock.now(),
      notices: noticesOf('closed'),
    });
    await advance(LIFETIME + GRACE);

    await run();

    expect(await store.countByStatus()).toEqual({ draft: 0, ready: 0, closed: 0 });
  });

  it('does not disturb a chat that is alive meanwhile', async () => {
    await drafts(20);
    await advance(LIFETIME);
    const { creator, joiner } = await client().quietPair();
    const running = run({ batchSize: 2 });

    for (let index = 0; index < 5; index += 1) {
      expect(await client().send(creator, `text ${index}`)).toMatchObject({ status: 202 });
    }
    await running;

    expect(textsIn(await client().receive(joiner))).toHaveLength(5);
  });
});
