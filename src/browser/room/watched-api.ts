import type { Clock } from '../../chat/clock.ts';
import type { ApiClient } from '../../client/api/api-client.ts';
import { createLastAnswer } from '../session/last-answer.ts';
import type { TabStorage } from '../session/tab-storage.ts';

/** Calls of a chat, and what they tell of the way to the server. */
export interface WatchedApi extends ApiClient {
  /** How long an ordinary call takes, in milliseconds. */
  roundTripMs: () => number;
  /** Whether what was received last may have waited for this page, which was away. */
  isAfterAbsence(): boolean;
}

export interface WatchedApiOptions {
  readonly api: ApiClient;
  readonly storage: TabStorage;
  readonly clock: Clock;
  /** A check takes so long that it should be said. */
  readonly onSlowCheck: () => void;
}

// A check that takes longer than this is said to be under way.
const SLOW_CHECK_MS = 4_000;

// What had waited while this page was away for longer was written earlier.
const EARLIER_AFTER_MS = 60_000;

/** Watches the calls that go through it. */
export function watchApi({ api, storage, clock, onSlowCheck }: WatchedApiOptions): WatchedApi {
  const lastAnswer = createLastAnswer(storage, () => clock.now());
  let isAfterAbsence = false;
  let roundTripMs = 0;

  /** A mean in which the newest counts half. */
  const timed = async <Result>(call: Promise<Result>): Promise<Result> => {
    const began = clock.elapsed();
    const result = await call;
    roundTripMs = (roundTripMs + clock.elapsed() - began) / 2;
    return result;
  };

  return {
    ...api,
    async receive(tokens, hold, signal, asking) {
      isAfterAbsence = !hold && lastAnswer.awayMs() > EARLIER_AFTER_MS;
      const cancel = hold ? undefined : clock.after(SLOW_CHECK_MS, onSlowCheck);
      try {
        const inbox = await api.receive(tokens, hold, signal, asking);
        lastAnswer.note();
        return inbox;
      } finally {
        cancel?.();
      }
    },
    acknowledge: (tokens, ids) => timed(api.acknowledge(tokens, ids)),
    send: (tokens, messages) => timed(api.send(tokens, messages)),
    state: (tokens) => timed(api.state(tokens)),
    roundTripMs: () => roundTripMs,
    isAfterAbsence: () => isAfterAbsence,
  };
}
