import type { WakeBus } from '../../src/chat/wake-bus.ts';
import type { Backend } from '../../src/backend.ts';
import { startService, type TestService } from '../support/test-service.ts';
import { tryFirstPolls } from './campaign/first-polls.ts';
import { randomFrom } from './campaign/stage.ts';
import { Wire } from './campaign/wire.ts';
import { Recorder } from './history/history.ts';
import { judge, type Verdict } from './history/judge.ts';
import {
  acknowledgedBeforeCommit,
  deletesByIdAlone,
  GAP_MS,
  joinReadsThenWrites,
} from './planted-bugs.ts';
import { talk } from './talk.ts';

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

function wireTo({ server }: TestService): Wire {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return new Wire(() => `http://127.0.0.1:${port}`);
}

describe('the clients of the campaign and its judge', () => {
  it('find nothing wrong with the service as it is', async () => {
    const talked = await talk(wireTo(await serviceWith()));
    expect(talked).toEqual({ found: [], surprises: [] });
  });

  it('find lost what was acknowledged before its commit, when the process is killed', async () => {
    let kill: () => void = () => undefined;
    const running = await serviceWith(({ store }) => {
      const planted = acknowledgedBeforeCommit(store);
      kill = planted.kill;
      return { store: planted.store };
    });
    const { found } = await talk(wireTo(running), () => {
      kill();
    });
    expect(found).toEqual(['lost']);
  });

  it('find leaked a seat that a join took after it had only looked', async () => {
    const { found } = await talk(
      wireTo(await serviceWith(({ store }) => ({ store: joinReadsThenWrites(store) }))),
    );
    expect(found).toEqual(['leaked']);
  });

  it('find lost what a sender could delete in the inbox of the talker', async () => {
    const { found } = await talk(
      wireTo(await serviceWith(({ store }) => ({ store: deletesByIdAlone(store) }))),
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
