import { CountedSince } from '../../src/chat/counted-since.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('since when absence is counted', () => {
  it('is the start, however much time passes', async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const since = new CountedSince(clock);
    await clock.advance(3_600_000);

    expect(since.at).toBe(start);
  });

  it.each(['setBack', 'setForward'] as const)(
    'is the first look after the time of the machine was set: %s',
    async (set) => {
      const clock = new ManualClock();
      const since = new CountedSince(clock);
      clock[set](3_600_000);
      const look = clock.now();

      expect(since.at).toBe(look);
      await clock.advance(60_000);
      expect(since.at).toBe(look);
    },
  );

  it('is not changed by a small correction', () => {
    const clock = new ManualClock();
    const start = clock.now();
    const since = new CountedSince(clock);
    clock.setForward(900);

    expect(since.at).toBe(start);
  });
});
