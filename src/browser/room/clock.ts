/** Time, as the modules of the client see it; tests bring their own. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `wake` is aborted. Never rejects. */
  sleep(ms: number, wake?: AbortSignal): Promise<void>;
}

/** The browser's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, wake) =>
    new Promise((resolve) => {
      if (wake?.aborted) {
        resolve();
        return;
      }
      const finish = (): void => {
        clearTimeout(timer);
        wake?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      wake?.addEventListener('abort', finish);
    }),
};
