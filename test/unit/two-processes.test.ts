import assert from 'node:assert/strict';
import { keyOf, newToken, participantOf, type Participant } from '../../src/chat/chat.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import type { Clock } from '../../src/chat/clock.ts';
import type { Delivery, Known } from '../../src/chat/delivery.ts';
import { Failure } from '../../src/chat/failures.ts';
import { createLongPoller } from '../../src/chat/long-poller.ts';
import type { Receiver } from '../../src/chat/held/receiver.ts';
import { createReceiving, type Receiving } from '../../src/chat/receiving.ts';
import { ANYTHING, changed, type Changes, type WakeBus } from '../../src/chat/wake-bus.ts';
import { withInboxMemory, type KeptInbox } from '../../src/distributed/inbox-memory.ts';
import { inServerTime } from '../../src/distributed/mongo/in-server-time.ts';
import { withMethods } from '../../src/distributed/mongo/with-methods.ts';
import { openChatStore } from '../../src/embedded/embedded-chat-store.ts';
import { createLocalWakeBus } from '../../src/embedded/local-wake-bus.ts';
import { createTypingInMemory } from '../../src/embedded/typing.ts';
import { creationOf, draftChat, noticesOf, newUserId } from '../support/chats.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A request that is held, and how it ended. */
interface Poll {
  end: Delivery | 'superseded' | 'gone' | undefined;
}

/** A web process beside others over one store, which hears only what a test tells it. */
class WebProcess {
  readonly #receiving: Receiving;
  readonly #bus: WakeBus = createLocalWakeBus();
  /** What it remembers of its participant until it hears something. */
  #kept: KeptInbox | undefined;
  #heard = 0;
  /** Milliseconds by which its clock was set forward, which it knows from the store. */
  #setForward = 0;

  /** @param ahead milliseconds that its clock is ahead of the others', which nobody knows */
  constructor(shared: ChatStore, clock: Clock, ahead = 0) {
    const own: Clock = {
      now: () => clock.now() + ahead + this.#setForward,
      elapsed: () => clock.elapsed(),
      after: (milliseconds, run) => clock.after(milliseconds, run),
    };
    const hearing = {
      mark: () => this.#heard,
      keep: (_who: string, mark: number | null, value: KeptInbox) => {
        if (mark === this.#heard) this.#kept = value;
      },
      kept: () => this.#kept,
    };
    this.#receiving = createReceiving({
      store: withInboxMemory(
        inServerTime(shared, { ahead: () => -this.#setForward }),
        hearing,
        own,
      ),
      wakeBus: this.#bus,
      clock: own,
      timing: { chatLifetimeMs: 86_400_000, closedGraceMs: 600_000 },
      typing: createTypingInMemory(),
      longPoller: createLongPoller({
        ...{ wakeBus: this.#bus, clock: own },
        ...{ sleepMs: 3000, iterations: 15 },
      }),
    });
  }

  hold(participant: Participant, known: Known | null): Poll {
    const request = {
      known,
      mostMs: undefined,
      answered: (delivery: Delivery | null) => {
        poll.end = delivery ?? 'gone';
      },
      failed: (error: unknown) => {
        assert(error instanceof Failure && error.code === 409, String(error));
        poll.end = 'superseded';
      },
    };
    const poll: Poll = { end: undefined };
    this.#receiving.hold(participant, request);
    return poll;
  }

  /** A hold of a connection that stays open. */
  next(receiver: Receiver, known: Known | null): Poll {
    const poll: Poll = { end: undefined };
    void receiver.next({ known, onGone: () => undefined }).then(
      (delivery) => (poll.end = delivery ?? 'gone'),
      () => (poll.end = 'superseded'),
    );
    return poll;
  }

  tell(participant: Participant, changes: Changes): void {
    this.#heard += 1;
    this.#kept = undefined;
    this.#bus.wake(keyOf(participant), changes);
  }

  open(participant: Participant): Receiver {
    return this.#receiving.receiver(participant);
  }

  setForward(milliseconds: number): void {
    this.#setForward += milliseconds;
  }

  stop(): void {
    this.#receiving.stopReceiving();
  }
}

describe('polls of one participant at two processes', () => {
  let store: ChatStore;
  let clock: ManualClock;
  let participant: Participant;
  let one: WebProcess;
  let two: WebProcess;

  beforeEach(async () => {
    clock = new ManualClock();
    store = await openChatStore({ dataDir: ':memory:' });
    const chat = draftChat({ created: clock.now() });
    const joiner = newUserId();
    const [at, notices] = [clock.now(), noticesOf('joined')];
    await store.create(creationOf(chat));
    const ready = await store.join({
      ...{ chatToken: chat.token, userId: joiner, at, notices },
      createdAfter: 0,
    });
    assert(ready !== null);
    participant = participantOf(ready, joiner);
    const ids = (await inbox()).messages.map(({ _id }) => _id);
    await store.acknowledge({ chatToken: chat.token, userId: joiner, at, ids });
    [one, two] = [new WebProcess(store, clock), new WebProcess(store, clock)];
  });

  afterEach(async () => {
    one.stop();
    two.stop();
    await store.disconnect();
  });

  const inbox = async () => {
    const { chatToken, userId } = participant;
    const found = await store.readInbox({ chatToken, userId });
    assert(found !== null);
    return found;
  };

  /** Lets everything under way come to its next wait, a moment later. */
  const moment = () => clock.advance(10);

  /** A poll that waits for news. */
  const wait = async (process: WebProcess, known: Known = { waiting: 0 }): Promise<Poll> => {
    const poll = process.hold(participant, known);
    await moment();
    return poll;
  };

  /** A poll that is answered at once. */
  const ask = async (process: WebProcess): Promise<void> => {
    const poll = process.hold(participant, null);
    await moment();
    expect(poll.end).toMatchObject({ messages: [] });
  };

  /** What a process is told that may have missed anything. */
  const tell = async (process: WebProcess, changes: Changes = ANYTHING): Promise<void> => {
    process.tell(participant, changes);
    await moment();
  };

  /** A poll that was asked a second ago comes to the store only now. */
  const beginLate = async (): Promise<string> => {
    const { chatToken, userId } = participant;
    const [pollId, at] = [newToken(), clock.now() - 1000];
    await store.beginPoll({ chatToken, userId, pollId, at, until: at + 45_000 });
    return pollId;
  };

  it('leave the one that was asked last, though its process hears of the other only then', async () => {
    await ask(one);
    await ask(two);
    const poll = await wait(one);

    await tell(one);

    expect(poll.end).toBeUndefined();
    const { poll: newest, seenUntil } = await inbox();
    expect(seenUntil).toBeGreaterThan(clock.now());
    await tell(two);
    await clock.advance(1000);
    expect(await inbox()).toMatchObject({ poll: newest, seenUntil });
  });

  it('end with the one that was asked first, however late its process hears of the other', async () => {
    await ask(one);
    const [older, newer] = [await wait(one), await wait(two)];

    await clock.advance(5000);
    await tell(one);
    await tell(two);

    expect([older.end, newer.end]).toEqual(['superseded', undefined]);
  });

  it('are in the order of the store when both were asked in one moment', async () => {
    await ask(one);
    const [older, newer] = [
      one.hold(participant, { waiting: 0 }),
      two.hold(participant, { waiting: 0 }),
    ];
    await moment();

    await tell(one);
    await tell(two);

    expect([older.end, newer.end]).toEqual(['superseded', undefined]);
  });

  it('are not ended by one that was asked before and comes to the store later', async () => {
    const poll = await wait(one);
    const late = await beginLate();

    await tell(one, changed.superseded);

    expect(poll.end).toBeUndefined();
    expect((await inbox()).poll).not.toBe(late);
  });

  it.each([-3_600_000, 3_600_000])(
    'are in their order although a clock is set by %i ms meanwhile',
    async (milliseconds) => {
      await ask(one);
      await ask(two);
      const last = await wait(one);

      one.setForward(milliseconds);
      await tell(one);
      expect(last.end).toBeUndefined();

      const newer = await wait(two);
      two.setForward(milliseconds);
      await tell(two);
      await tell(one);
      expect([last.end, newer.end]).toEqual(['superseded', undefined]);
    },
  );

  describe.each([-900, 0, 900])('whose clocks differ by %i ms', (ahead) => {
    beforeEach(() => {
      one.stop();
      one = new WebProcess(store, clock, ahead);
    });

    it.each([0, 100, 2000])('leave exactly one of two, asked %i ms apart', async (apart) => {
      const registrations = jest.spyOn(store, 'beginPoll');
      await ask(one);
      const polls = [await wait(one)];
      await clock.advance(apart);
      polls.push(await wait(two));

      for (let times = 0; times < 5; times += 1) {
        await tell(one);
        await tell(two);
      }

      expect(polls.map(({ end }) => end).toSorted()).toEqual(['superseded', undefined]);
      expect(registrations.mock.calls.length).toBeLessThanOrEqual(3);
    });
  });

  describe('one of which is a connection that stays open', () => {
    let connection: Receiver;
    beforeEach(() => {
      connection = one.open(participant);
    });
    afterEach(() => {
      connection.end();
    });

    const next = async (known: Known | null): Promise<Poll> => {
      const poll = one.next(connection, known);
      await moment();
      return poll;
    };

    it('leave the other one where that was asked after the connection began', async () => {
      expect((await next(null)).end).toMatchObject({ messages: [] });
      const newer = await wait(two);
      const older = await next({ waiting: 0 });

      await tell(one);
      await tell(two);

      expect([older.end, newer.end]).toEqual(['superseded', undefined]);
    });

    it('leave the connection where the other one was asked before', async () => {
      const poll = await next({ waiting: 0 });
      await beginLate();

      await tell(one, changed.superseded);

      expect(poll.end).toBeUndefined();
    });
  });

  describe('of which one has not heard yet of what came to the store through the other', () => {
    /** The participant says something, and only the store knows. */
    const say = async (): Promise<void> => {
      const { chatToken, userId } = participant;
      const [at, messages] = [clock.now(), [{ _id: newToken(), msg: 'Hi' }]];
      await store.send({ chatToken, userId, at, messages });
    };

    it('gives out no number of messages on their way that was true before', async () => {
      await ask(two);
      await say();
      const poll = two.hold(participant, { waiting: 99 });
      await moment();

      expect(poll.end).toMatchObject({ waiting: 1 });
    });

    it('holds the poll of somebody who knows more than it remembers', async () => {
      await ask(two);
      await say();
      const poll = await wait(two, { waiting: 1 });

      expect(poll.end).toBeUndefined();
    });

    it('reads nothing for a poll to which nothing is news', async () => {
      await ask(two);
      const reads = jest.spyOn(store, 'readInbox');
      const poll = await wait(two, { waiting: 0, present: true, typing: false });

      expect([poll.end, reads.mock.calls]).toEqual([undefined, []]);
    });
  });

  it('contend no longer than each insists once, whatever their clocks make them believe', async () => {
    const registrations = jest.spyOn(store, 'beginPoll');
    const believing = withMethods(store, (name, method) =>
      name === 'readInbox' ? async () => ({ ...(await inbox()), pollBegan: 0 }) : method,
    );
    one.stop();
    two.stop();
    [one, two] = [new WebProcess(believing, clock), new WebProcess(believing, clock)];
    const polls = [await wait(one), await wait(two)];

    for (let times = 0; times < 5; times += 1) {
      await tell(one);
      await tell(two);
    }

    expect(polls.map(({ end }) => end).toSorted()).toEqual(['superseded', undefined]);
    expect(registrations.mock.calls.length).toBeLessThanOrEqual(4);
  });
});
