/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newParticipantKey } from '../support/chats.ts';
import type { ParticipantKey } from '../../src/chat/chat.ts';
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
    const listen = async (to: WakeBus, who: ParticipantKey, onWake: (changes: Changes) => void) => {
      const stop = await to.listen(who, onWake);
      stops.push(stop);
      return stop;
    };

    /** Listens on a bus; `heard` resolves when it was woken once more. */
    const listenOn = async (to: WakeBus, who: ParticipantKey) => {
      let count = 0;
      let said: Changes = 0;
      let tell: () => void = () => undefined;
      const stop = await listen(to, who, (changes) => {
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
      const somebody = newParticipantKey();
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
          const who = newParticipantKey();
          const listener = await listenOn(bus, who);
          from().wake(who, changed.inbox);
          await listener.heard(1);

          expect(listener.count()).toBeGreaterThan(0);
          listener.stop();
        }
      });

      it.each(Object.entries(changed))('says that it is %s, and no more', async (_name, change) => {
        const who = newParticipantKey();
        const listener = await listenOn(bus, who);

        from().wake(who, change);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(listener.said()).toBe(change);
      });

      it('says all of what changed in one moment', async () => {
        const who = newParticipantKey();
        const listener = await listenOn(bus, who);

        from().wake(who, changed.inbox | changed.status);
        from().wake(who, changed.waiting);
        await everythingArrived(from(), bus);

        expect(listener.said()).toBe(changed.inbox | changed.status | changed.waiting);
      });

      it('arrives each time', async () => {
        const who = newParticipantKey();
        const listener = await listenOn(bus, who);

        from().wake(who, changed.inbox);
        await listener.heard(1);
        const before = listener.count();
        from().wake(who, changed.inbox);
        await listener.heard(before + 1);

        expect(listener.count()).toBeGreaterThan(before);
      });

      it('reaches every listener of the participant', async () => {
        const who = newParticipantKey();
        const listeners = await Promise.all(
          [bus, bus, elsewhere, elsewhere].map((to) => listenOn(to, who)),
        );

        from().wake(who, changed.inbox);
        await Promise.all(listeners.map(({ heard }) => heard(1)));

        for (const { count } of listeners) expect(count()).toBeGreaterThan(0);
      });

      it('reaches nobody else', async () => {
        const who = newParticipantKey();
        const listener = await listenOn(bus, who);
        const stranger = await listenOn(bus, newParticipantKey());

        from().wake(who, changed.inbox);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(stranger.count()).toBe(0);
      });

      it('is not kept for somebody who listens later', async () => {
        const who = newParticipantKey();
        from().wake(who, changed.inbox);
        await everythingArrived(from(), bus);

        const listener = await listenOn(bus, who);
        await everythingArrived(from(), bus);

        expect(listener.count()).toBe(0);
      });

      it('does not reach a listener that has stopped', async () => {
        const who = newParticipantKey();
        const stopped = await listenOn(bus, who);
        const listener = await listenOn(bus, who);

        stopped.stop();
        from().wake(who, changed.inbox);
        await listener.heard(1);
        await everythingArrived(from(), bus);

        expect(stopped.count()).toBe(0);
      });
    });

    it('lets a listener stop while it is told, and tells the others all the same', async () => {
      const who = newParticipantKey();
      const before = await listenOn(bus, who);
      let told = 0;
      const stop = await listen(bus, who, () => {
        told += 1;
        stop();
      });
      const after = await listenOn(bus, who);

      for (let times = 1; times <= 2; times += 1) {
        bus.wake(who, changed.inbox);
        await Promise.all([before.heard(times), after.heard(times)]);
      }
      await everythingArrived(bus, bus);

      expect(told).toBe(1);
    });

    it('leaves out the listener that is named, and nobody else', async () => {
      const who = newParticipantKey();
      const left = jest.fn();
      await listen(bus, who, left);
      const others = await Promise.all([bus, elsewhere].map((to) => listenOn(to, who)));

      bus.wake(who, changed.superseded, left);
      await Promise.all(others.map(({ heard }) => heard(1)));
      await everythingArrived(elsewhere, bus);

      expect(left).not.toHaveBeenCalled();
    });

    it('takes a listener away once, however often it is stopped', async () => {
      const who = newParticipantKey();
      const stopped = await listenOn(bus, who);
      const listener = await listenOn(bus, who);

      stopped.stop();
      stopped.stop();
      bus.wake(who, changed.inbox);
      await listener.heard(1);

      expect(stopped.count()).toBe(0);
    });

    it('hears somebody who listens again after having stopped', async () => {
      const who = newParticipantKey();
      for (let round = 0; round < 10; round += 1) {
        const listener = await listenOn(bus, who);
        elsewhere.wake(who, changed.inbox);
        await listener.heard(1);

        expect(listener.count()).toBeGreaterThan(0);
        listener.stop();
      }
    });

    it('tells each of many listeners of its own wake-up', async () => {
      const participants = Array.from({ length: 500 }, newParticipantKey);
      const listeners = await Promise.all(participants.map((who) => listenOn(bus, who)));

      for (const [index, who] of participants.entries()) {
        if (index % 2 === 0) elsewhere.wake(who, changed.inbox);
      }
      const woken = listeners.filter((_listener, index) => index % 2 === 0);
      await Promise.all(woken.map(({ heard }) => heard(1)));
      await everythingArrived(elsewhere, bus);

      expect(listeners.map(({ count }) => count() > 0)).toEqual(
        participants.map((_who, index) => index % 2 === 0),
      );
    });

    it('lets somebody wake whom nobody listens for', async () => {
      bus.wake(newParticipantKey(), changed.inbox);
      await everythingArrived(bus, bus);

      expect(bus.isHealthy()).toBe(true);
    });
  });
}
