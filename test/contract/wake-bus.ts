/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newUserId } from '../support/chats.ts';
import type { UserId } from '../../src/chat/chat.ts';
import { changed, type Changes, type WakeBus } from '../../src/chat/wake-bus.ts';

/** A wake bus for one run of the suite. */
export interface OpenedBus {
  readonly bus: WakeBus;
  /** The same bus as another process would have it. */
  another(): Promise<WakeBus>;
  /** Disconnects everything that was opened. */
  dispose(): Promise<void>;
}

/** What every adapter of {@link WakeBus} must do. */
export function describeWakeBus(adapter: string, open: () => Promise<OpenedBus>): void {
  describe(`${adapter}: the contract of a wake bus`, () => {
    let opened: OpenedBus;
    let bus: WakeBus;
    let elsewhere: WakeBus;
    let stops: (() => void)[] = [];

    beforeAll(async () => {
      opened = await open();
      bus = opened.bus;
      elsewhere = await opened.another();
    });

    afterEach(() => {
      for (const stop of stops) stop();
      stops = [];
    });

    afterAll(async () => {
      await opened.dispose();
    });

    /** Listens until the end of the test. */
    const listen = async (to: WakeBus, userId: UserId, onWake: (changes: Changes) => void) => {
      const stop = await to.listen(userId, onWake);
      stops.push(stop);
      return stop;
    };

    /** Listens on a bus; `heard` resolves when it was woken once more. */
    const listenOn = async (to: WakeBus, userId: UserId) => {
      let count = 0;
      let said: Changes = 0;
      let tell: () => void = () => undefined;
      const stop = await listen(to, userId, (changes) => {
        count += 1;
        said |= changes;
        tell();
      });
      const heard = async (times: number): Promise<void> => {
        while (count < times) await new Promise<void>((resolve) => (tell = resolve));
      };
      return { stop, heard, count: () => count, said: () => said };
    };

    /**
     * Resolves when everything that was told on `from` before this has arrived on `to`: a wake-up of
     * somebody else, sent after the others, has come through.
     */
    const everythingArrived = async (from: WakeBus, to: WakeBus): Promise<void> => {
      const somebody = newUserId();
      const listener = await listenOn(to, somebody);
      from.wake(somebody, changed.inbox);
      await listener.heard(1);
      listener.stop();
    };

    describe.each([
      ['the same process', () => bus],
      ['another process', () => elsewhere],
    ])('a wake-up from %s', (_name, from) => {
      it('arrives when listening has been confirmed', async () => {
        for (let round = 0; round < 20; round += 1) {
          const userId = newUserId();
          const listener = await listenOn(bus, userId);
          from().wake(userId, changed.inbox);
          await listener.heard(1);

          expect(listener.count()).toBeGreaterThan(0);
          listener.stop();
        }
      });

      it.each(Object.entries(changed))('says that it is %s, and no more', async (_name, change) => {
        const userId = newUserId();
        const listener = await listenOn(bus, userId);

        from().wake(userId, change);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(listener.said()).toBe(change);
      });

      it('says all of what changed in one moment', async () => {
        const userId = newUserId();
        const listener = await listenOn(bus, userId);

        from().wake(userId, changed.inbox | changed.status);
        from().wake(userId, changed.waiting);
        await everythingArrived(from(), bus);

        expect(listener.said()).toBe(changed.inbox | changed.status | changed.waiting);
      });

      it('arrives each time', async () => {
        const userId = newUserId();
        const listener = await listenOn(bus, userId);

        from().wake(userId, changed.inbox);
        await listener.heard(1);
        const before = listener.count();
        from().wake(userId, changed.inbox);
        await listener.heard(before + 1);

        expect(listener.count()).toBeGreaterThan(before);
      });

      it('reaches every listener of the user id', async () => {
        const userId = newUserId();
        const listeners = await Promise.all(
          [bus, bus, elsewhere, elsewhere].map((to) => listenOn(to, userId)),
        );

        from().wake(userId, changed.inbox);
        await Promise.all(listeners.map(({ heard }) => heard(1)));

        for (const { count } of listeners) expect(count()).toBeGreaterThan(0);
      });

      it('reaches nobody else', async () => {
        const userId = newUserId();
        const listener = await listenOn(bus, userId);
        const stranger = await listenOn(bus, newUserId());

        from().wake(userId, changed.inbox);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(stranger.count()).toBe(0);
      });

      it('is not kept for somebody who listens later', async () => {
        const userId = newUserId();
        from().wake(userId, changed.inbox);
        await everythingArrived(from(), bus);

        const listener = await listenOn(bus, userId);
        await everythingArrived(from(), bus);

        expect(listener.count()).toBe(0);
      });

      it('does not reach a listener that has stopped', async () => {
        const userId = newUserId();
        const stopped = await listenOn(bus, userId);
        const listener = await listenOn(bus, userId);

        stopped.stop();
        from().wake(userId, changed.inbox);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(stopped.count()).toBe(0);
      });
    });

    it('lets a listener stop while it is told, and tells the others all the same', async () => {
      const userId = newUserId();
      const before = await listenOn(bus, userId);
      let told = 0;
      const stop = await listen(bus, userId, () => {
        told += 1;
        stop();
      });
      const after = await listenOn(bus, userId);

      for (let times = 1; times <= 2; times += 1) {
        bus.wake(userId, changed.inbox);
        await Promise.all([before.heard(times), after.heard(times)]);
      }
      await everythingArrived(bus, bus);

      expect(told).toBe(1);
    });

    it('leaves out the listener that is named, and nobody else', async () => {
      const userId = newUserId();
      const left = jest.fn();
      await listen(bus, userId, left);
      const others = await Promise.all([bus, elsewhere].map((to) => listenOn(to, userId)));

      bus.wake(userId, changed.superseded, left);
      await Promise.all(others.map(({ heard }) => heard(1)));
      await everythingArrived(elsewhere, bus);

      expect(left).not.toHaveBeenCalled();
    });

    it('takes a listener away once, however often it is stopped', async () => {
      const userId = newUserId();
      const stopped = await listenOn(bus, userId);
      const listener = await listenOn(bus, userId);

      stopped.stop();
      stopped.stop();
      bus.wake(userId, changed.inbox);
      await listener.heard(1);

      expect(stopped.count()).toBe(0);
    });

    it('hears somebody who listens again after having stopped', async () => {
      const userId = newUserId();
      for (let round = 0; round < 10; round += 1) {
        const listener = await listenOn(bus, userId);
        elsewhere.wake(userId, changed.inbox);
        await listener.heard(1);

        expect(listener.count()).toBeGreaterThan(0);
        listener.stop();
      }
    });

    it('tells each of many listeners of its own wake-up', async () => {
      const userIds = Array.from({ length: 500 }, newUserId);
      const listeners = await Promise.all(userIds.map((userId) => listenOn(bus, userId)));

      for (const [index, userId] of userIds.entries()) {
        if (index % 2 === 0) elsewhere.wake(userId, changed.inbox);
      }
      const woken = listeners.filter((_listener, index) => index % 2 === 0);
      await Promise.all(woken.map(({ heard }) => heard(1)));
      await everythingArrived(elsewhere, bus);

      expect(listeners.map(({ count }) => count() > 0)).toEqual(
        userIds.map((_userId, index) => index % 2 === 0),
      );
    });

    it('lets somebody wake whom nobody listens for', async () => {
      bus.wake(newUserId(), changed.inbox);
      await everythingArrived(bus, bus);

      expect(bus.isHealthy()).toBe(true);
    });
  });
}
