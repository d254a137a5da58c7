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

  test('does not flicker between two polls of a slow line', async () => {
    const { clock, changes, presence } = watch();
    presence.answered(true);
    for (let polls = 0; polls < 20; polls += 1) {
      presence.answered(false);
      await clock.advance(3_000);
      presence.answered(true);
      await clock.advance(10_000);
    }
    expect(changes).toEqual(['here']);
  });

  test('says within four seconds of the server’s word that they are away', async () => {
    const { clock, changes, presence } = watch();
    presence.answered(true);
    presence.answered(false);
    await clock.advance(1_500);
    presence.answered(false);
    await clock.advance(2_500);
    expect(changes).toEqual(['here', 'away']);
  });

  test('waits for one’s own slow line', async () => {
    const { clock, changes, presence } = watch(3_000);
    presence.answered(true);
    presence.answered(false);
    await clock.advance(5_000);
    presence.answered(true);
    expect(changes).toEqual(['here']);
  });

  test('learns from a false alarm that the talker’s line is slower still', async () => {
    const { clock, changes, presence } = watch();
    presence.answered(true);
    const miss = async (): Promise<void> => {
      presence.answered(false);
      await clock.advance(4_500);
      presence.answered(true);
    };
    await miss();
    expect(changes).toEqual(['here', 'away', 'here']);
    await miss();
    await miss();
    expect(changes).toEqual(['here', 'away', 'here']);
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
