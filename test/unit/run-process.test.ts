import { aborted } from '../../src/process/run-process.ts';
import { within } from '../../src/process/time-limit.ts';

describe('waiting to be told to stop', () => {
  it('ends when the signal comes', async () => {
    const stopping = new AbortController();
    const waiting = aborted(stopping.signal);

    stopping.abort();

    await expect(waiting).resolves.toBeUndefined();
  });

  it('ends at once when the signal came before', async () => {
    await expect(aborted(AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe('a time limit', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('gives what is there in time', async () => {
    await expect(within(1000, Promise.resolve('here'), () => 'late')).resolves.toBe('here');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('says when the time is over', async () => {
    const never = new Promise<string>(() => undefined);
    const waiting = within(1000, never, () => 'late');

    await jest.advanceTimersByTimeAsync(1000);

    await expect(waiting).resolves.toBe('late');
  });
});
