import { Turns } from '../../../src/distributed/mongo/turns.ts';

describe('taking turns', () => {
  const LONG_MS = 60_000;
  let begun: number[];
  let ends: (() => void)[];

  /** A step that goes on until it is ended. */
  const step = (index: number) => (): Promise<number> => {
    begun.push(index);
    return new Promise((resolve) => {
      ends[index] = () => {
        resolve(index);
      };
    });
  };
  const beginAll = (turns: Turns, count: number) =>
    Array.from({ length: count }, (_, index) => turns.take(step(index)));
  const endAll = async (taken: readonly Promise<number>[]) => {
    for (const [index, each] of taken.entries()) {
      ends[index]?.();
      await each;
      await Promise.resolve();
    }
  };

  beforeEach(() => {
    [begun, ends] = [[], []];
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('begins no more than so many at once, and the others in their order', async () => {
    const taken = beginAll(new Turns(2, LONG_MS), 4);
    expect(begun).toEqual([0, 1]);
    await endAll(taken);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('goes on after a step that failed', async () => {
    const turns = new Turns(1, LONG_MS);
    const failed = turns.take(() => Promise.reject(new Error('no')));
    const next = turns.take(() => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  it('does not wait for one that hangs for longer than it says', async () => {
    jest.useFakeTimers();
    const turns = new Turns(1, 100);
    const taken = beginAll(turns, 2);
    await jest.advanceTimersByTimeAsync(99);
    expect(begun).toEqual([0]);
    await jest.advanceTimersByTimeAsync(1);
    expect(begun).toEqual([0, 1]);
    await endAll(taken);
  });
});
