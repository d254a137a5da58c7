import type { TerminationReport } from '../../src/chat/terminate-chats.ts';
import { runHere } from '../../src/embedded/run-here.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('the termination job at the press of a button', () => {
  const report: TerminationReport = { expired: 1, removed: 2, milliseconds: 3 };

  it('runs once for all who ask while it runs, and again for who asks later', async () => {
    let finish: (value: TerminationReport) => void = () => undefined;
    const terminate = jest.fn(
      () => new Promise<TerminationReport>((resolve) => (finish = resolve)),
    );
    const run = runHere(terminate, { clock: new ManualClock(), onError: jest.fn() });

    const heard = [run(), run()];
    finish(report);

    expect(await Promise.all(heard)).toEqual([
      { outcome: 'done', ...report },
      { outcome: 'done', ...report },
    ]);
    expect(terminate).toHaveBeenCalledTimes(1);
    void run();
    expect(terminate).toHaveBeenCalledTimes(2);
  });
});
