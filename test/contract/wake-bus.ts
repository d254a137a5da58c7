/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type Token } from '../../src/chat/chat.ts';
import type { WakeBus } from '../../src/chat/wake-bus.ts';

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
    const listen = async (to: WakeBus, userToken: Token, onWake: () => void) => {
      const stop = await to.listen(userToken, onWake);
      stops.push(stop);
      return stop;
    };

    /** Listens on a bus; `heard` resolves when it was woken once more. */
    const listenOn = async (to: WakeBus, userToken: Token) => {
      let count = 0;
      let tell: () => void = () => undefined;
      const stop = await listen(to, userToken, () => {
        count += 1;
        tell();
      });
      const heard = async (times: number): Promise<void> => {
        while (count < times) await new Promise<void>((resolve) => (tell = resolve));
      };
      return { stop, heard, count: () => count };
    };

    /**
     * Resolves when everything that was told on `from` before this has arrived on `to`: a wake-up of
     * somebody else, sent after the others, has come through.
     */
    const everythingArrived = async (from: WakeBus, to: WakeBus): Promise<void> => {
      const somebody = newToken();
      const listener = await listenOn(to, somebody);
      from.wake(somebody);
      await listener.heard(1);
      listener.stop();
    };

    describe.each([
      ['the same process', () => bus],
      ['another process', () => elsewhere],
    ])('a wake-up from %s', (_name, from) => {
      it('arrives when listening has been confirmed', async () => {
        for (let round = 0; round < 20; round += 1) {
          const userToken = newToken();
          const listener = await listenOn(bus, userToken);
          from().wake(userToken);
          await listener.heard(1);

          expect(listener.count()).toBeGreaterThan(0);
          listener.stop();
        }
      });

      it('arrives each time', async () => {
        const userToken = newToken();
        const listener = await listenOn(bus, userToken);

        from().wake(userToken);
        await listener.heard(1);
        const before = listener.count();
        from().wake(userToken);
        await listener.heard(before + 1);

        expect(listener.count()).toBeGreaterThan(before);
      });

      it('reaches every listener of the user token', async () => {
        const userToken = newToken();
        const listeners = await Promise.all(
          [bus, bus, elsewhere, elsewhere].map((to) => listenOn(to, userToken)),
        );

        from().wake(userToken);
        await Promise.all(listeners.map(({ heard }) => heard(1)));

        for (const { count } of listeners) expect(count()).toBeGreaterThan(0);
      });

      it('reaches nobody else', async () => {
        const userToken = newToken();
        const listener = await listenOn(bus, userToken);
        const stranger = await listenOn(bus, newToken());

        from().wake(userToken);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(stranger.count()).toBe(0);
      });

      it('is not kept for somebody who listens later', async () => {
        const userToken = newToken();
        from().wake(userToken);
        await everythingArrived(from(), bus);

        const listener = await listenOn(bus, userToken);
        await everythingArrived(from(), bus);

        expect(listener.count()).toBe(0);
      });

      it('does not reach a listener that has stopped', async () => {
        const userToken = newToken();
        const stopped = await listenOn(bus, userToken);
        const listener = await listenOn(bus, userToken);

        stopped.stop();
        from().wake(userToken);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(stopped.count()).toBe(0);
      });
    });

    it('lets a listener stop while it is told, and tells the others all the same', async () => {
      const userToken = newToken();
      const before = await listenOn(bus, userToken);
      let told = 0;
      const stop = await listen(bus, userToken, () => {
        told += 1;
        stop();
      });
      const after = await listenOn(bus, userToken);

      for (let times = 1; times <= 2; times += 1) {
        bus.wake(userToken);
        await Promise.all([before.heard(times), after.heard(times)]);
      }
      await everythingArrived(bus, bus);

      expect(told).toBe(1);
    });

    it('takes a listener away once, however often it is stopped', async () => {
      const userToken = newToken();
      const stopped = await listenOn(bus, userToken);
      const listener = await listenOn(bus, userToken);

      stopped.stop();
      stopped.stop();
      bus.wake(userToken);
      await listener.heard(1);

      expect(stopped.count()).toBe(0);
    });

    it('hears somebody who listens again after having stopped', async () => {
      const userToken = newToken();
      for (let round = 0; round < 10; round += 1) {
        const listener = await listenOn(bus, userToken);
        elsewhere.wake(userToken);
        await listener.heard(1);

        expect(listener.count()).toBeGreaterThan(0);
        listener.stop();
      }
    });

    it('tells each of many listeners of its own wake-up', async () => {
      const tokens = Array.from({ length: 500 }, newToken);
      const listeners = await Promise.all(tokens.map((token) => listenOn(bus, token)));

      for (const [index, token] of tokens.entries()) {
        if (index % 2 === 0) elsewhere.wake(token);
      }
      const woken = listeners.filter((_listener, index) => index % 2 === 0);
      await Promise.all(woken.map(({ heard }) => heard(1)));
      await everythingArrived(elsewhere, bus);

      expect(listeners.map(({ count }) => count() > 0)).toEqual(
        tokens.map((_token, index) => index % 2 === 0),
      );
    });

    it('lets somebody wake whom nobody listens for', async () => {
      bus.wake(newToken());
      await everythingArrived(bus, bus);

      expect(bus.isHealthy()).toBe(true);
    });
  });
}
