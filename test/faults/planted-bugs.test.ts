import type { ChatStore } from '../../src/chat/chat-store.ts';
import type { WakeBus } from '../../src/chat/wake-bus.ts';
import type { Backend } from '../../src/backend.ts';
import { startService, type TestService } from '../support/test-service.ts';
import { Conversation } from './campaign/conversation.ts';
import { tryFirstPolls } from './campaign/first-polls.ts';
import { randomFrom } from './campaign/stage.ts';
import { Wire } from './campaign/wire.ts';
import { Recorder } from './history/history.ts';
import { judge, verdicts, type Verdict } from './history/judge.ts';

/** Milliseconds between reading and writing in a step that should be one. */
const GAP_MS = 20;

const pause = (milliseconds: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** A store of which some operations are replaced. */
const withBug = (store: ChatStore, replaced: Partial<ChatStore>): ChatStore =>
  new Proxy(store, {
    get: (target, name: keyof ChatStore) => replaced[name] ?? target[name].bind(target),
  });

/** Says that a message is stored, and stores it a moment later, unless the process is killed first. */
function acknowledgedBeforeCommit(store: ChatStore) {
  let isDead = false;
  const bad = withBug(store, {
    send: async (step) => {
      const chat = await store.find(step.chatToken);
      if (chat === null) return null;
      setTimeout(() => {
        if (!isDead) void store.send(step);
      }, GAP_MS);
      return { outcome: 'stored', chat };
    },
  });
  return { store: bad, kill: () => (isDead = true) };
}

/** Looks whether the seat is free, and takes it a moment later. */
function joinReadsThenWrites(store: ChatStore): ChatStore {
  // Whoever comes second sits down on the first one's chair.
  const sitsOn = new Map<string, string>();
  const resolve = <Step extends { userId: string }>(step: Step): Step => ({
    ...step,
    userId: sitsOn.get(step.userId) ?? step.userId,
  });
  return withBug(store, {
    join: async (step) => {
      const chat = await store.find(step.chatToken);
      if (chat?.status !== 'draft') return null;
      await pause(GAP_MS);
      const joined = await store.join(step);
      if (joined !== null) return joined;
      const taken = await store.find(step.chatToken);
      sitsOn.set(step.userId, taken?.joiner ?? '');
      return taken;
    },
    findParticipant: (caller) => store.findParticipant(resolve(caller)),
    readInbox: (caller) => store.readInbox(resolve(caller)),
  });
}

/** Erases a message whoever's inbox it is in. */
const deletesByIdAlone = (store: ChatStore): ChatStore =>
  withBug(store, {
    acknowledge: async (step) => {
      const chat = await store.find(step.chatToken);
      for (const userId of [chat?.creator, chat?.joiner]) {
        if (userId !== undefined && userId !== null) await store.acknowledge({ ...step, userId });
      }
      return chat;
    },
  });

/** Is told of wake-ups only after the poll has read, and when the test says so. */
function subscribesAfterReading(bus: WakeBus) {
  const subscriptions: (() => void)[] = [];
  const bad = new Proxy(bus, {
    get: (target, name: keyof WakeBus) => {
      if (name !== 'listen') return target[name].bind(target);
      return (...args: Parameters<WakeBus['listen']>) => {
        subscriptions.push(() => void bus.listen(...args));
        return Promise.resolve(() => undefined);
      };
    },
  });
  return {
    bus: bad,
    subscribe: () => {
      for (const subscription of subscriptions.splice(0)) subscription();
    },
  };
}

/** Reads at once, and is told of wake-ups only from a moment later on. */
const subscribesAMomentLater = (bus: WakeBus): WakeBus =>
  new Proxy(bus, {
    get: (target, name: keyof WakeBus) => {
      if (name !== 'listen') return target[name].bind(target);
      return (...args: Parameters<WakeBus['listen']>) => {
        setTimeout(() => void bus.listen(...args), GAP_MS);
        return () => undefined;
      };
    },
  });

let service: TestService | undefined;
afterEach(() => service?.close());

async function serviceWith(adapt?: (backend: Backend) => Partial<Backend>): Promise<TestService> {
  service = await startService({
    environment: { RATE_LIMITS: 'off' },
    ...(adapt !== undefined && { adapt }),
  });
  return service;
}

interface Talked {
  readonly found: readonly Verdict[];
  readonly surprises: readonly string[];
}

function wireTo({ server }: TestService): Wire {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return new Wire(() => `http://127.0.0.1:${port}`);
}

/** Has two people talk over a service, and judges what they saw. */
async function talk(
  running: TestService,
  onAccepted: (count: number) => void = () => undefined,
): Promise<Talked> {
  const wire = wireTo(running);
  const surprises: string[] = [];
  const conversation = new Conversation({
    number: 1,
    wire,
    ways: { creator: 'rest', joiner: 'rest' },
    messages: 12,
    paceMs: 5,
    random: randomFrom(1),
    onAccepted,
    onSurprise: (what) => surprises.push(what),
    signal: new AbortController().signal,
  });
  await conversation.run();
  await wire.close();
  const judgement = judge(conversation.recorder);
  return { found: verdicts.filter((verdict) => judgement[verdict].length > 0), surprises };
}

describe('the clients of the campaign and its judge', () => {
  it('find nothing wrong with the service as it is', async () => {
    const talked = await talk(await serviceWith());
    expect(talked).toEqual({ found: [], surprises: [] });
  });

  it('find lost what was acknowledged before its commit, when the process is killed', async () => {
    let kill: () => void = () => undefined;
    const running = await serviceWith(({ store }) => {
      const planted = acknowledgedBeforeCommit(store);
      kill = planted.kill;
      return { store: planted.store };
    });
    const { found } = await talk(running, () => {
      kill();
    });
    expect(found).toEqual(['lost']);
  });

  it('find leaked a seat that a join took after it had only looked', async () => {
    const { found } = await talk(
      await serviceWith(({ store }) => ({ store: joinReadsThenWrites(store) })),
    );
    expect(found).toEqual(['leaked']);
  });

  it('find lost what a sender could delete in the inbox of the talker', async () => {
    const { found } = await talk(
      await serviceWith(({ store }) => ({ store: deletesByIdAlone(store) })),
    );
    expect(found).toEqual(['lost']);
  });

  it.each([
    ['late', true],
    ['not late', false],
  ])('find %s what is sent as a first poll begins: %s', async (_, isPlanted) => {
    const running = await serviceWith(({ wakeBus }) =>
      isPlanted ? { wakeBus: subscribesAMomentLater(wakeBus) } : {},
    );
    const wire = wireTo(running);
    const found: Verdict[] = [];
    const stage = { random: randomFrom(1), broken: (verdict: Verdict) => found.push(verdict) };
    const tried = await tryFirstPolls(stage, { receiving: wire, sending: wire });
    await wire.close();
    expect(tried).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set(isPlanted ? ['late'] : []));
  });

  it.each([
    ['late', true],
    ['not late', false],
  ])(
    'find %s what a poll slept through that reads before it subscribes: %s',
    async (_, isPlanted) => {
      let subscribe: () => void = () => undefined;
      const running = await serviceWith((backend) => {
        if (!isPlanted) return {};
        const planted = subscribesAfterReading(backend.wakeBus);
        subscribe = planted.subscribe;
        return { wakeBus: planted.bus };
      });
      const { client, clock } = running;
      const { creator, joiner } = await client.quietPair();
      const recorder = new Recorder('chat', () => clock.elapsed());
      const message = { id: 'c.creator.0', text: 'c.creator.0 Hi' };

      const receive = recorder.invoke({ type: 'receive', by: 'joiner', isHeld: true });
      const poll = client.hold(joiner);
      await running.held(1);
      const send = recorder.invoke({ type: 'send', by: 'creator', messages: [message] });
      await client.send(creator, message.text);
      recorder.settle(send, 'ok');
      if (!isPlanted) {
        await poll.answer;
        recorder.settle(receive, 'ok', { messages: [message] });
      }
      subscribe();
      await clock.advance(2000);
      recorder.note({ type: 'shown', by: 'joiner', message });
      poll.abort();

      const { late } = judge(recorder, { patienceMs: 1000 });
      expect(late).toHaveLength(isPlanted ? 1 : 0);
    },
  );
});
