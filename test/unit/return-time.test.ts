import { MOST_PATIENCE_MS, ReturnTime } from '../../src/chat/held/return-time.ts';

describe('the time that a client takes to come back', () => {
  const after = (...returns: readonly number[]): number => {
    const time = new ReturnTime();
    for (const milliseconds of returns) time.note(milliseconds);
    return time.patienceMs;
  };

  it('is believed to be long as long as nobody knows', () => {
    expect(after()).toBe(3000);
  });

  it('leaves half a second beyond the usual on a fast line', () => {
    expect(after(10)).toBe(510);
    expect(after(...Array.from({ length: 20 }, () => 20))).toBe(520);
  });

  it('leaves more on a line whose time varies', () => {
    const steady = Array.from({ length: 20 }, () => 1500);
    const varying = steady.map((usual, index) => usual + (index % 2 === 0 ? 400 : -400));

    expect(after(...steady)).toBeCloseTo(2000, 0);
    expect(after(...varying)).toBeGreaterThan(2800);
  });

  it('has an end', () => {
    expect(after(60_000)).toBe(MOST_PATIENCE_MS);
  });

  it('forgets one slow time after some fast ones', () => {
    const patience = after(10, 10, 10, 2000, ...Array.from({ length: 20 }, () => 10));

    expect(patience).toBeLessThan(600);
  });
});
