import type { Clock } from '../../chat/clock.ts';

/** Resolves after so many milliseconds, or at once when `wake` is aborted. Never rejects. */
export function sleep(clock: Clock, milliseconds: number, wake?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (wake?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      wake?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(milliseconds, finish);
    wake?.addEventListener('abort', finish);
  });
}
