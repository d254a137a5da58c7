import { givenBack, inWords, trends } from './flatness.ts';
import type { Sample } from './sample.ts';

/** Samples in which one thing goes as told. */
const samples = (valueAt: (index: number) => number, count = 120): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ seconds: index, 'memory (MiB)': valueAt(index) }));

const isFlat = (some: readonly Sample[]): boolean | undefined => trends(some)[0]?.isFlat;

describe('a line', () => {
  it('is flat when it stays', () => {
    expect(isFlat(samples(() => 100))).toBe(true);
  });

  it('is flat when it rises while the process warms up, and then stays', () => {
    expect(isFlat(samples((index) => Math.min(index, 25) * 10))).toBe(true);
  });

  it('is flat when it goes up and down', () => {
    expect(isFlat(samples((index) => 50 + (index % 10) * 20))).toBe(true);
  });

  it('is flat when it is high for a while at its end', () => {
    expect(isFlat(samples((index) => (index > 100 ? 500 : 100)))).toBe(true);
  });

  it('is not flat when it rises and rises', () => {
    expect(isFlat(samples((index) => 100 + index))).toBe(false);
  });

  it('is not flat when its lowest values rise beneath its ups and downs', () => {
    expect(isFlat(samples((index) => 100 + index + (index % 10) * 20))).toBe(false);
  });

  it('is looked at for memory, heap and files', () => {
    const names = trends(samples(() => 1)).map(({ name }) => name);
    expect(names).toEqual(['memory (MiB)', 'heap (MiB)', 'files on disk (MiB)']);
  });
});

describe('what is given back', () => {
  const idle = { seconds: 0, 'held polls': 0, 'open files': 30, 'handles and timers': 10 };
  const notGivenBack = (after: Partial<Sample>) =>
    givenBack(idle, { ...idle, ...after }).flatMap((trend) => (trend.isFlat ? [] : trend.name));

  it('is everything, when the process is as it was', () => {
    expect(notGivenBack({ 'open files': 32 })).toEqual([]);
  });

  it('is not a poll that is held for nobody', () => {
    expect(notGivenBack({ 'held polls': 1 })).toEqual(['held polls, idle']);
  });

  it('is not the files and timers of those who are gone', () => {
    expect(notGivenBack({ 'open files': 90, 'handles and timers': 90 })).toEqual([
      'open files, idle',
      'handles and timers, idle',
    ]);
  });
});

describe('the words for a line', () => {
  it('say loudly that it is not flat', () => {
    const trend = { name: 'memory (MiB)', early: 100, late: 200 };
    expect(inWords({ ...trend, isFlat: false })).toBe(
      'memory (MiB): 100.0 early, 200.0 late: NOT FLAT',
    );
    expect(inWords({ ...trend, isFlat: true })).toMatch(/: flat$/);
  });
});
