import type { Clock } from '../../chat/clock.ts';

export interface ServerProbeOptions {
  readonly clock: Clock;
  /** Whether the server answers at all: a light question. */
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
  /** Nobody is served by probing for a page that nobody sees. */
  readonly isVisible: () => boolean;
  readonly onAnswer: () => void;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Notices within three seconds that a server which was away answers again. */
export interface ServerProbe {
  start(): void;
  stop(): void;
}

// With the jitter at most 2.4 s between two questions, and 0.5 s until the page goes on.
const EVERY_MS = 1_600;
const JITTER_MS = 800;
const SPREAD_MS = 500;

// Slow lines may take this long; meanwhile the next question is under way.
const TIMEOUT_MS = 8_000;

/** Creates the probe of one page. The jitter keeps pages that lost the same server from coming back as one. */
export function createServerProbe(options: ServerProbeOptions): ServerProbe {
  // eslint-disable-next-line no-restricted-properties -- jitter, no secret
  const { clock, ask, isVisible, onAnswer, random = Math.random } = options;
  let run: AbortController | undefined;

  const stop = (): void => {
    run?.abort();
    run = undefined;
  };

  const askOnce = async (signal: AbortSignal): Promise<void> => {
    const limit = new AbortController();
    const abort = (): void => {
      limit.abort();
    };
    signal.addEventListener('abort', abort);
    const cancel = clock.after(TIMEOUT_MS, abort);
    const answers = await ask(limit.signal).catch(() => false);
    cancel();
    signal.removeEventListener('abort', abort);
    if (!answers || signal.aborted) return;
    stop();
    clock.after(random() * SPREAD_MS, onAnswer);
  };

  const next = (signal: AbortSignal): void => {
    clock.after(EVERY_MS + random() * JITTER_MS, () => {
      if (signal.aborted) return;
      if (isVisible()) void askOnce(signal);
      next(signal);
    });
  };

  return {
    start() {
      if (run) return;
      run = new AbortController();
      next(run.signal);
    },
    stop,
  };
}
