import { HeldCounts } from '../../src/http/held-counts.ts';

describe('counts of what is held', () => {
  it('count each key for itself, and all together', () => {
    const held = new HeldCounts();
    held.hold('somebody');
    held.hold('somebody');
    held.hold('somebody else');

    expect([held.of('somebody'), held.of('somebody else'), held.of('nobody')]).toEqual([2, 1, 0]);
    expect([held.total, held.most()]).toEqual([3, 2]);
  });

  it('are lower by one as soon as one is released', () => {
    const held = new HeldCounts();
    const release = [held.hold('somebody'), held.hold('somebody')];
    release[0]?.();

    expect([held.of('somebody'), held.total, held.most()]).toEqual([1, 1, 1]);
    release[1]?.();
    expect([held.of('somebody'), held.total, held.most()]).toEqual([0, 0, 0]);
  });

  it('count in all what is nobody’s', () => {
    const held = new HeldCounts();
    const release = held.hold(null);

    expect([held.total, held.most()]).toEqual([1, 0]);
    release();
    expect(held.total).toBe(0);
  });
});
