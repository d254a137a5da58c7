import { setImmediate } from 'node:timers/promises';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { RETRY_INTERVAL_MS, startIndexKeeper } from '../../src/distributed/mongo/index-keeper.ts';
import { captureLog } from '../support/captured-log.ts';

let stop: () => void = () => undefined;

afterEach(() => {
  stop();
});

/** A database that is away until it is told to be there, and a pause that a test ends. */
function setUp() {
  const log = captureLog();
  const pauses: { readonly milliseconds: number; readonly end: () => void }[] = [];
  let failure: Error | null = new StorageUnavailable(new Error('nobody there'));
  let attempts = 0;
  stop = startIndexKeeper({
    logger: log.logger,
    makeIndexes: async () => {
      await setImmediate();
      attempts += 1;
      if (failure !== null) throw failure;
    },
    pause: (milliseconds, signal) =>
      new Promise((end) => {
        pauses.push({ milliseconds, end });
        signal.addEventListener('abort', () => {
          end();
        });
      }),
  });
  return {
    pauses,
    attempts: () => attempts,
    fail: (error: Error | null) => (failure = error),
    lines: () => log.lines().map((line) => JSON.parse(line) as { level: number; msg: string }),
    /** Everything that can happen without a pause coming to its end has happened. */
    settled: async () => {
      for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    },
  };
}

describe('who makes the indexes', () => {
  it('waits the interval after every attempt, and tries no more once they are made', async () => {
    const { pauses, attempts, fail, settled, lines } = setUp();
    await settled();
    expect(attempts()).toBe(1);

    pauses[0]!.end();
    await settled();
    expect(attempts()).toBe(2);
    fail(null);
    pauses[1]!.end();
    await settled();

    expect(attempts()).toBe(3);
    expect(pauses.map(({ milliseconds }) => milliseconds)).toEqual([
      RETRY_INTERVAL_MS,
      RETRY_INTERVAL_MS,
    ]);
    expect(RETRY_INTERVAL_MS).toBeGreaterThanOrEqual(1000);
    expect(lines().at(-1)).toMatchObject({ msg: 'storage is ready' });
  });

  it('says once that the storage cannot be used, until the reason is another', async () => {
    const { pauses, fail, settled, lines } = setUp();
    await settled();
    pauses[0]!.end();
    await settled();
    expect(lines()).toHaveLength(1);

    fail(new StorageUnavailable(new Error('access denied')));
    pauses[1]!.end();
    await settled();

    expect(lines()).toHaveLength(2);
  });

  it('stops in the middle of a pause, without a word', async () => {
    const { attempts, fail, settled, lines } = setUp();
    await settled();
    fail(null);

    stop();
    await settled();

    expect(attempts()).toBe(1);
    expect(lines()).toHaveLength(1);
  });
});
