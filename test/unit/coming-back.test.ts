import assert from 'node:assert/strict';
import { newToken } from '../../src/chat/chat.ts';
import { ComingBack } from '../../src/chat/coming-back.ts';
import { ANYTHING, changed } from '../../src/chat/wake-bus.ts';
import { createLocalWakeBus } from '../../src/embedded/local-wake-bus.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('a receiver whose client has its answer', () => {
  const userId = newToken();
  let clock: ManualClock;
  let bus: ReturnType<typeof createLocalWakeBus>;
  let comingBack: ComingBack;
  const end = jest.fn();
  const receiver = { next: jest.fn(), end };

  beforeEach(() => {
    end.mockClear();
    clock = new ManualClock();
    bus = createLocalWakeBus();
    comingBack = new ComingBack({ clock, wakeBus: bus });
  });

  afterEach(() => {
    comingBack.stop();
    // However it ended, nothing of it is left.
    assert.equal(clock.pending, 0);
  });

  it('goes on when the client comes back within half a second', async () => {
    comingBack.leave(userId, receiver);
    await clock.advance(499);

    expect(comingBack.take(userId)).toBe(receiver);
    await clock.advance(1000);
    expect(end).not.toHaveBeenCalled();
  });

  it('ends otherwise, at the time of the answer', async () => {
    const at = clock.now();
    comingBack.leave(userId, receiver);
    await clock.advance(500);

    expect(end.mock.calls).toEqual([[at]]);
    expect(comingBack.take(userId)).toBeNull();
  });

  it('is taken once', () => {
    comingBack.leave(userId, receiver);

    expect(comingBack.take(userId)).toBe(receiver);
    expect(comingBack.take(userId)).toBeNull();
  });

  it('does not end while the client acknowledges, and for half a second after it', async () => {
    let acknowledged: () => void = () => undefined;
    const request = comingBack.during(
      userId,
      () => new Promise<void>((resolve) => (acknowledged = resolve)),
    );
    comingBack.leave(userId, receiver);
    await clock.advance(2000);
    expect(end).not.toHaveBeenCalled();

    acknowledged();
    await request;
    await clock.advance(499);
    expect(end).not.toHaveBeenCalled();
    await clock.advance(1);

    expect(end).toHaveBeenCalledTimes(1);
  });

  it('is forgotten when the client polls elsewhere: that poll has taken its place', async () => {
    comingBack.leave(userId, receiver);
    bus.wake(userId, changed.superseded);
    await clock.advance(1000);

    expect(comingBack.take(userId)).toBeNull();
    expect(end).not.toHaveBeenCalled();
  });

  it('ends at once when nobody knows what was missed', () => {
    comingBack.leave(userId, receiver);
    bus.wake(userId, ANYTHING);

    expect(comingBack.take(userId)).toBeNull();
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('ends at once when the server stops, and after it', () => {
    comingBack.leave(userId, receiver);
    comingBack.stop();
    expect(end).toHaveBeenCalledTimes(1);

    comingBack.leave(userId, receiver);
    expect(end).toHaveBeenCalledTimes(2);
  });

  it('is nobody else’s', () => {
    comingBack.leave(userId, receiver);

    expect(comingBack.take(newToken())).toBeNull();
  });
});
