import { createCounterInMemory, MOST_KEYS } from '../../src/chat/counter.ts';

describe('a counter in memory', () => {
  let time: number;
  const counter = (points = 3, seconds = 10) =>
    createCounterInMemory({ name: 'tries', points, seconds }, () => time);

  beforeEach(() => {
    time = 1000;
  });

  it('lets a key use its budget and tells how long to wait for the next', () => {
    const tries = counter();
    const waits = [1, 2, 3].map(() => tries.consume('somebody'));
    time += 4000;

    expect(waits).toEqual([0, 0, 0]);
    expect(tries.wait('somebody')).toBe(6000);
    expect(tries.consume('somebody')).toBe(6000);
  });

  it('counts several points at once, and each key for itself', () => {
    const tries = counter();

    expect(tries.consume('somebody', 4)).toBeGreaterThan(0);
    expect(tries.consume('somebody else', 3)).toBe(0);
  });

  it('uses nothing up when it is only asked', () => {
    const tries = counter(1);
    void tries.wait('somebody');

    expect(tries.wait('somebody')).toBe(0);
    expect(tries.consume('somebody')).toBe(0);
    expect(tries.wait('somebody')).toBeGreaterThan(0);
  });

  it('begins anew when the window is over, counted from the first use', () => {
    const tries = counter();
    void tries.consume('somebody', 2);
    time += 9999;
    expect(tries.consume('somebody', 2)).toBe(1);
    time += 1;

    expect(tries.wait('somebody')).toBe(0);
    expect(tries.consume('somebody', 3)).toBe(0);
  });

  it('remembers only so many keys, and forgets the one that began first', () => {
    const tries = counter(1);
    void tries.consume('the first');
    void tries.consume('the second');
    for (let index = 0; index < MOST_KEYS - 1; index += 1) void tries.consume(String(index));

    expect(tries.wait('the first')).toBe(0);
    expect(tries.wait('the second')).toBeGreaterThan(0);
  });
});
