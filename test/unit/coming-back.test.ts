import assert from 'node:assert/strict';
import { newToken } from '../../src/chat/chat.ts';
import { ComingBack, type Leavable } from '../../src/chat/held/coming-back.ts';
import { ANYTHING, changed } from '../../src/chat/wake-bus.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('a receiver whose client has its answer', () => {
  const userId = newToken();
  let clock: ManualClock;
  let comingBack: ComingBack<Leavable>;
  const end = jest.fn();
  const receiver = { end };

  beforeEach(() => {
    end.mockClear();
    clock = new ManualClock();
    comingBack = new ComingBack(clock);
    comingBack.begin(userId, receiver);
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

  it('ends at once, and once, when the client polls elsewhere', async () => {
    comingBack.leave(userId, receiver);
    comingBack.woken(userId, receiver, changed.superseded);
    await clock.advance(1000);

    expect(comingBack.take(userId)).toBeNull();
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('goes on whatever else wakes it', () => {
    comingBack.leave(userId, receiver);
    comingBack.woken(userId, receiver, changed.inbox | changed.status);

    expect(comingBack.take(userId)).toBe(receiver);
  });

  it('ends at once when nobody knows what was missed', () => {
    comingBack.leave(userId, receiver);
    comingBack.woken(userId, receiver, ANYTHING);

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

  it('is patient with whoever comes back again and again, and sets no timer for each', async () => {
    for (let times = 0; times < 10; times += 1) {
      comingBack.leave(userId, receiver);
      expect(clock.pending).toBe(1);
      await clock.advance(499);
      expect(comingBack.take(userId)).toBe(receiver);
    }
    comingBack.leave(userId, receiver);
    await clock.advance(500);

    expect(end).toHaveBeenCalledTimes(1);
  });

  it('is waited for as its line needs when the client has asked for a short hold', async () => {
    comingBack.leave(userId, receiver, true);
    await clock.advance(1500);
    expect(comingBack.take(userId)).toBe(receiver);

    comingBack.leave(userId, receiver, true);
    await clock.advance(3999);
    expect(end).not.toHaveBeenCalled();
    await clock.advance(1);

    expect(end).toHaveBeenCalledTimes(1);
  });

  it('is given up in time, although a slower client was waited for before', async () => {
    comingBack.leave(userId, receiver, true);
    await clock.advance(10);
    comingBack.take(userId);

    comingBack.leave(userId, receiver, true);
    await clock.advance(510);

    expect(end).toHaveBeenCalledTimes(1);
  });

  it('is not waited for when another one has begun since', () => {
    const newer = { end: jest.fn() };
    comingBack.begin(userId, newer);
    comingBack.leave(userId, receiver);

    expect(end).toHaveBeenCalledTimes(1);
    expect(newer.end).not.toHaveBeenCalled();
    comingBack.leave(userId, newer);
    expect(comingBack.take(userId)).toBe(newer);
  });

  it('is nobody else’s', () => {
    comingBack.leave(userId, receiver);

    expect(comingBack.take(newToken())).toBeNull();
  });
});
