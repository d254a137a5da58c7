import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import type { Backoff } from './backoff.ts';
import { sleep } from './sleep.ts';

/** The pause between a failure and the next try. */
export interface RetryWait {
  /** Resolves when it is time to try again, or at `endNow`. */
  pause(failure: Failure): Promise<void>;
  /** Ends the pause, if there is one. */
  endNow(): void;
}

export interface RetryWaitOptions {
  clock: Clock;
  backoff: Backoff;
  onWaiting: (failure: Failure, retryAt: number) => void;
}

/** Creates the pause of one loop. */
export function createRetryWait({ clock, backoff, onWaiting }: RetryWaitOptions): RetryWait {
  let wake = new AbortController();
  return {
    async pause(failure) {
      const waitMs = backoff.next(failure.retryAfterMs);
      wake = new AbortController();
      onWaiting(failure, clock.now() + waitMs);
      await sleep(clock, waitMs, wake.signal);
    },
    endNow() {
      wake.abort();
    },
  };
}
