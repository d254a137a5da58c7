import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { newToken } from '../../src/chat/chat.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { createLongPoller, type LongPoller } from '../../src/chat/long-poller.ts';
import type { Check, Poller } from '../../src/chat/held/polling.ts';
import type { Soon } from '../../src/chat/soon.ts';
import { createLocalWakeBus } from '../../src/embedded/local-wake-bus.ts';
import { ANYTHING, changed, type Changes, type WakeBus } from '../../src/chat/wake-bus.ts';
import { ManualClock } from '../support/manual-clock.ts';

const SLEEP = 1000;
const ITERATIONS = 4;

/** A bus that counts its listeners; `before` runs when somebody has begun to listen. */
class CountingBus implements WakeBus {
  listening = 0;
  before: (() => void) | null = null;
  isDeaf = false;
  readonly #bus = createLocalWakeBus();

  async listen(key: string, onWake: (changes: Changes) => void): Promise<() => void> {
    const stop = await this.#bus.listen(key, onWake);
    this.listening += 1;
    this.before?.();
    return () => {
      this.listening -= 1;
      stop();
    };
  }

  wake(key: string, changes: Changes, except?: (changes: Changes) => void): void {
    if (!this.isDeaf) this.#bus.wake(key, changes, except);
  }

  isHealthy(): boolean {
    return !this.isDeaf;
  }

  disconnect(): Promise<void> {
    return this.#bus.disconnect();
  }
}

describe('a long poller', () => {
  let clock: ManualClock;
  let bus: CountingBus;
  let poller: LongPoller;
  let key: string;
  let inbox: string[];
  let checks: number;
  let goAway: () => void;

  beforeEach(() => {
    clock = new ManualClock();
    bus = new CountingBus();
    poller = createLongPoller({
      wakeBus: bus,
      clock,
      sleepMs: SLEEP,
      iterations: ITERATIONS,
    });
    key = newToken();
    inbox = [];
    checks = 0;
    goAway = () => {
      throw new Error('nobody asked');
    };
  });

  afterEach(() => {
    // However a request ended, nothing of it is left.
    assert.deepEqual([poller.size(), bus.listening, clock.pending], [0, 0, 0]);
  });

  const found = (changesAt = Infinity): Check<string[]> => {
    checks += 1;
    return { answer: [...inbox], isNews: inbox.length > 0, changesAt };
  };

  const hold = (check: (held: Poller) => Soon<Check<string[]>> = () => found()) =>
    new Promise<string[] | null>((resolve, reject) => {
      const held: Poller = poller.open<string[]>({
        key,
        watches: changed.inbox | changed.status,
        check: () => check(held),
        answered: (answer) => {
          held.close();
          resolve(answer);
        },
        failed: (error) => {
          held.close();
          assert(error instanceof Error);
          reject(error);
        },
        wokenBetween: () => undefined,
      });
      goAway = () => {
        held.leave();
      };
      held.hold();
    });

  /** Starts a request and lets it come to its first wait. */
  const holdUntilItWaits = async (check?: (held: Poller) => Soon<Check<string[]>>) => {
    const answer = hold(check);
    answer.catch(() => undefined);
    await setImmediate();
    assert.equal(poller.size(), 1);
    return { answer };
  };

  describe('answers', () => {
    it('at once when there is news', async () => {
      inbox.push('Hi');

      expect(await hold()).toEqual(['Hi']);
      expect(checks).toBe(1);
    });

    it('when it is woken and there is news', async () => {
      const { answer } = await holdUntilItWaits();
      inbox.push('Hi');
      bus.wake(key, changed.inbox);

      expect(await answer).toEqual(['Hi']);
    });

    it('empty when sleep × iterations are over, and not before', async () => {
      const { answer } = await holdUntilItWaits();

      await clock.advance(SLEEP * ITERATIONS - 1);
      expect(poller.size()).toBe(1);
      await clock.advance(1);

      expect(await answer).toEqual([]);
    });

    it('in the same time when the clock of the machine is set back', async () => {
      const { answer } = await holdUntilItWaits();

      clock.setBack(30_000);
      await clock.advance(SLEEP * ITERATIONS);

      expect(await answer).toEqual([]);
    });

    it('with null when the client has gone', async () => {
      const { answer } = await holdUntilItWaits();
      inbox.push('Hi');

      goAway();

      expect(await answer).toBeNull();
    });

    it('with what there is when the server stops', async () => {
      const { answer } = await holdUntilItWaits();

      poller.stop();

      expect(await answer).toEqual([]);
      inbox.push('Hi');
      expect(await hold()).toEqual(['Hi']);
    });

    it('with what it knows when the server stops, though nothing can be read any more', async () => {
      const { answer } = await holdUntilItWaits(() =>
        checks === 0 ? Promise.resolve(found()) : Promise.reject(new StorageUnavailable('away')),
      );

      poller.stop();

      expect(await answer).toEqual([]);
      expect(checks).toBe(1);
    });

    it.each([
      ['what it knows', new StorageUnavailable('away'), []],
      ['what the read says', new Error('superseded'), 'Error: superseded'],
    ])(
      'with %s when the server stops while it is read for a reason',
      async (_, error, expected) => {
        let fail: (error: Error) => void = () => undefined;
        const { answer } = await holdUntilItWaits(() => {
          if (checks === 0) return Promise.resolve(found());
          return new Promise((_found, failed) => (fail = failed));
        });
        bus.wake(key, changed.inbox);
        await setImmediate();

        poller.stop();
        fail(error);

        expect(await answer.catch(String)).toEqual(expected);
      },
    );

    it('with what there is when the server stops while wake-ups do not travel', async () => {
      bus.isDeaf = true;
      const { answer } = await holdUntilItWaits();
      inbox.push('Hi');

      poller.stop();

      expect(await answer).toEqual(['Hi']);
    });

    it('with the failure of its first read when the server stops meanwhile', async () => {
      const answer = hold(async () => {
        poller.stop();
        await setImmediate();
        throw new StorageUnavailable('away');
      });

      await expect(answer).rejects.toThrow(StorageUnavailable);
    });

    it('at once after the server was told to stop', async () => {
      poller.stop();

      expect(await hold()).toEqual([]);
      expect(checks).toBe(1);
    });

    it('with what a check throws, at first and later', async () => {
      await expect(hold(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
      await expect(
        hold(() => {
          throw new Error('refused at once');
        }),
      ).rejects.toThrow('refused at once');

      const { answer } = await holdUntilItWaits(() =>
        checks === 0 ? Promise.resolve(found()) : Promise.reject(new Error('superseded')),
      );
      bus.wake(key, changed.inbox);
      await expect(answer).rejects.toThrow('superseded');
    });

    it('with what listening throws', async () => {
      bus.listen = () => Promise.reject(new Error('bus broken'));

      await expect(hold()).rejects.toThrow('bus broken');
      expect(checks).toBe(0);
    });
  });

  describe('misses nothing', () => {
    it('that happens after subscribing and before reading', async () => {
      bus.before = () => {
        inbox.push('between');
        bus.wake(key, changed.inbox);
      };

      expect(await hold()).toEqual(['between']);
    });

    it('that happens while it reads', async () => {
      const answer = hold(async () => {
        const result = found();
        if (checks === 1) {
          inbox.push('while reading');
          bus.wake(key, changed.inbox);
        }
        await setImmediate();
        return result;
      });

      expect(await answer).toEqual(['while reading']);
      expect(checks).toBe(2);
    });

    it('for longer than an iteration when a wake-up is lost', async () => {
      const { answer } = await holdUntilItWaits();
      await clock.advance(SLEEP + SLEEP / 2);
      bus.isDeaf = true;
      inbox.push('Hi');
      bus.wake(key, changed.inbox);

      await clock.advance(SLEEP / 2 - 1);
      expect(poller.size()).toBe(1);
      await clock.advance(1);

      expect(await answer).toEqual(['Hi']);
    });

    it('for longer than until the answer changes by itself', async () => {
      const change = clock.now() + SLEEP / 4;
      const { answer } = await holdUntilItWaits(() => {
        if (clock.now() >= change) inbox.push('expired');
        return Promise.resolve(found(change));
      });

      await clock.advance(SLEEP / 4 - 1);
      expect(poller.size()).toBe(1);
      await clock.advance(1);

      expect(await answer).toEqual(['expired']);
    });

    it('when its client goes away while it reads', async () => {
      const answer = hold(async () => {
        goAway();
        await setImmediate();
        return found();
      });

      expect(await answer).toBeNull();
    });

    it('when its client goes away before it begins to read', async () => {
      const answer = hold();
      goAway();

      expect(await answer).toBeNull();
      expect(checks).toBe(0);
    });

    it('when the server stops while it reads', async () => {
      const answer = hold(async () => {
        poller.stop();
        await setImmediate();
        return found();
      });

      expect(await answer).toEqual([]);
    });
  });

  describe('checks no more often than it must', () => {
    it('once when it begins and once at the end, while wake-ups travel', async () => {
      const { answer } = await holdUntilItWaits();

      await clock.advance(SLEEP * ITERATIONS);
      await answer;

      expect(checks).toBe(2);
    });

    it('once per iteration, and once at the end, while they do not', async () => {
      bus.isDeaf = true;
      const { answer } = await holdUntilItWaits();

      await clock.advance(SLEEP * ITERATIONS);
      await answer;

      expect(checks).toBe(1 + ITERATIONS);
    });

    it('once per iteration from the moment on at which they stop travelling', async () => {
      const { answer } = await holdUntilItWaits();
      await clock.advance(2 * SLEEP - 1);
      expect(checks).toBe(1);

      bus.isDeaf = true;
      await clock.advance(SLEEP);
      expect(checks).toBe(2);

      goAway();
      await answer;
    });

    it('not at all for what it does not watch', async () => {
      const { answer } = await holdUntilItWaits();
      bus.wake(key, changed.presence | changed.typing);
      await setImmediate();
      expect(checks).toBe(1);

      bus.wake(key, changed.presence | changed.status);
      await setImmediate();
      expect(checks).toBe(2);

      goAway();
      await answer;
    });

    it('not for what it tells others itself', async () => {
      const other = await holdUntilItWaits(() => Promise.resolve(found()));
      const stopOther = goAway;
      const answer = hold((held) => {
        held.wakeOthers(changed.inbox);
        return Promise.resolve(found());
      });
      await setImmediate();

      expect(checks).toBe(3);

      goAway();
      stopOther();
      await Promise.all([answer, other.answer]);
    });

    it('once for each wake-up without news, and goes on waiting', async () => {
      const { answer } = await holdUntilItWaits();
      for (let times = 0; times < 3; times += 1) {
        bus.wake(key, changed.inbox);
        await setImmediate();
      }
      expect(poller.size()).toBe(1);
      expect(checks).toBe(4);

      goAway();
      await answer;
    });

    it('once for many wake-ups at the same time', async () => {
      const { answer } = await holdUntilItWaits();

      for (let times = 0; times < 10; times += 1) bus.wake(key, changed.inbox);
      await setImmediate();
      expect(checks).toBe(2);

      goAway();
      await answer;
    });

    it('not at all for somebody else’s wake-up', async () => {
      const { answer } = await holdUntilItWaits();

      bus.wake(newToken(), ANYTHING);
      await setImmediate();
      expect(checks).toBe(1);

      goAway();
      await answer;
    });

    it('without prolonging its time, however often it is woken', async () => {
      const { answer } = await holdUntilItWaits();
      for (let time = 0; time < SLEEP * ITERATIONS - 100; time += 100) {
        bus.wake(key, changed.inbox);
        await clock.advance(100);
      }
      expect(poller.size()).toBe(1);

      await clock.advance(100);

      expect(await answer).toEqual([]);
    });
  });

  describe('for one who polls again and again', () => {
    let answers: (string[] | null)[];
    let between: Changes[];
    let one: Poller;
    let changesAt: number;
    beforeEach(() => {
      // Everything is there at once, as in embedded mode.
      poller = createLongPoller({
        wakeBus: createLocalWakeBus(),
        clock,
        sleepMs: SLEEP,
        iterations: ITERATIONS,
      });
      [answers, between, changesAt] = [[], [], Infinity];
      one = poller.open<string[]>({
        key,
        watches: changed.inbox,
        check: () => found(changesAt),
        answered: (answer) => answers.push(answer),
        failed: (error) => {
          throw error;
        },
        wokenBetween: (changes) => between.push(changes),
      });
    });
    afterEach(async () => {
      one.leave();
      await setImmediate();
      one.close();
    });

    it('answers before it returns when there is news', () => {
      inbox.push('Hi');
      one.hold();

      expect(answers).toEqual([['Hi']]);
      expect(poller.size()).toBe(0);
    });

    it('holds each for its own time, with one timer for all', async () => {
      one.hold();
      await clock.advance(SLEEP);
      one.leave();
      await setImmediate();
      one.hold();
      const timers = clock.pending;
      await clock.advance(SLEEP * ITERATIONS - 1);
      expect(answers).toEqual([null]);
      expect(clock.pending).toBe(timers);
      await clock.advance(1);

      expect(answers).toEqual([null, []]);
    });

    it('looks again when time alone changes an answer, however late the earlier ones would have', async () => {
      one.hold();
      one.leave();
      await setImmediate();
      changesAt = clock.now() + 10;
      one.hold();
      changesAt = Infinity;
      await clock.advance(10);

      expect(checks).toBe(3);
    });

    it('says what happens between two of them', async () => {
      one.hold();
      one.leave();
      await setImmediate();
      one.wakeOthers(changed.superseded);
      expect(between).toEqual([]);

      poller.open({ ...other(), key }).wakeOthers(changed.superseded);

      expect(between).toEqual([changed.superseded]);
      expect(checks).toBe(1);
    });

    const other = () => ({
      watches: 0,
      check: () => found(),
      answered: () => undefined,
      failed: () => undefined,
      wokenBetween: () => undefined,
    });
  });

  it('holds many at once and ends them all when it stops', async () => {
    const answers = Array.from({ length: 100 }, () => hold());
    await setImmediate();
    expect(poller.size()).toBe(100);

    poller.stop();

    expect(await Promise.all(answers)).toEqual(Array(100).fill([]));
  });

  it('knows how long it holds a request at the most', () => {
    expect(poller.longestHoldMs).toBe(SLEEP * ITERATIONS);
  });
});
