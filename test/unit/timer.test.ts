import { runOnSchedule } from '../../src/embedded/timer.ts';

const EVERY_SECOND = '* * * * * *';

describe('a job on a schedule', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-01-01T00:00:00.500Z') });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
  const ignore = () => undefined;

  it('runs each time the schedule says so, and not before', async () => {
    const job = jest.fn(() => Promise.resolve());
    const stop = runOnSchedule('* * * * *', job, ignore);

    await pass(59_000);
    expect(job).toHaveBeenCalledTimes(0);
    await pass(1000);
    expect(job).toHaveBeenCalledTimes(1);
    await pass(120_000);
    expect(job).toHaveBeenCalledTimes(3);
    await stop();
  });

  it('never runs twice at once', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const job = async () => {
      runs += 1;
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, 3500));
      running -= 1;
    };
    const stop = runOnSchedule(EVERY_SECOND, job, ignore);

    await pass(20_000);

    expect(most).toBe(1);
    expect(runs).toBeGreaterThan(2);
    const stopped = stop();
    await pass(3500);
    await stopped;
  });

  it('goes on after a run that failed, and says what happened', async () => {
    const failure = new Error('the storage is away');
    const onError = jest.fn();
    const job = jest.fn(() => Promise.reject(failure));
    const stop = runOnSchedule(EVERY_SECOND, job, onError);

    await pass(3000);

    expect(job.mock.calls.length).toBeGreaterThan(1);
    expect(onError).toHaveBeenCalledTimes(job.mock.calls.length);
    expect(onError).toHaveBeenCalledWith(failure);
    await stop();
  });

  it('never runs again once it is stopped', async () => {
    const job = jest.fn(() => Promise.resolve());
    const stop = runOnSchedule(EVERY_SECOND, job, ignore);
    await pass(1000);
    await stop();
    const before = job.mock.calls.length;

    await pass(10_000);

    expect(job).toHaveBeenCalledTimes(before);
  });

  it('tells the run at hand to end, and waits for it', async () => {
    const events: string[] = [];
    const job = (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          events.push('told');
          setTimeout(() => {
            events.push('ended');
            resolve();
          }, 50);
        });
      });
    const stop = runOnSchedule(EVERY_SECOND, job, ignore);
    await pass(1000);

    const stopped = stop().then(() => events.push('stopped'));
    await pass(1000);
    await stopped;

    expect(events).toEqual(['told', 'ended', 'stopped']);
  });
});
