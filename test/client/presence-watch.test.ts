import { createPresenceWatch } from '../../src/client/connection/presence-watch.ts';
import { ManualClock } from '../support/manual-clock.ts';

function watch(roundTripMs = 0) {
  const clock = new ManualClock();
  const changes: string[] = [];
  const presence = createPresenceWatch({
    clock,
    roundTripMs: () => roundTripMs,
    onChange: (now) => changes.push(now),
  });
  return { clock, changes, presence };
}

describe('the presence of a talker', () => {
  test('is known at once when they are there', () => {
    const { changes, presence } = watch();
    presence.answered(true);
    expect(changes).toEqual(['here']);
  });

  test('does not flicker when the server sees nobody for a moment', async () => {
    const { clock, changes, presence } = watch();
    presence.answered(true);
    for (let polls = 0; polls < 20; polls += 1) {
      presence.answered(false);
      await clock.advance(1_900);
      presence.answered(true);
      await clock.advance(10_000);
    }
    expect(changes).toEqual(['here']);
  });

  test('says within two seconds of the server’s word that they are away', async () => {
    const { clock, changes, presence } = watch();
    presence.answered(true);
    presence.answered(false);
    await clock.advance(1_500);
    presence.answered(false);
    await clock.advance(500);
    expect(changes).toEqual(['here', 'away']);
  });

  test('waits for one’s own slow line', async () => {
    const { clock, changes, presence } = watch(3_000);
    presence.answered(true);
    presence.answered(false);
    await clock.advance(4_900);
    presence.answered(true);
    expect(changes).toEqual(['here']);
  });

  test('says it as soon the next time, however soon they were back', async () => {
    const { clock, changes, presence } = watch();
    for (let stops = 0; stops < 3; stops += 1) {
      presence.answered(true);
      presence.answered(false);
      await clock.advance(2_000);
      expect(changes.at(-1)).toBe('away');
    }
  });

  test('is unknown while there is no connection, whatever was being waited for', async () => {
    const { clock, changes, presence } = watch();
    presence.answered(true);
    presence.answered(false);
    presence.forget();
    await clock.advance(60_000);
    expect(changes).toEqual(['here', 'unknown']);
  });
});
