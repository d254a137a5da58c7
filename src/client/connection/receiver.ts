import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { refusals } from '../../protocol.ts';
import type { Inbox } from '../api/answers.ts';
import { BAD_GATEWAY, GATEWAY_TIMEOUT, NO_ANSWER, toFailure } from '../api/no-answer.ts';
import type { Backoff } from './backoff.ts';
import { createRetryWait } from './retry-wait.ts';
import { sleep } from './sleep.ts';

/** Why receiving is over: the chat is closed and read, the server does not know us, or another tab reads. */
export type ReceiverEnd = 'closed' | 'unauthorized' | 'superseded';

export interface ReceiverEvents {
  /** Shows and saves what arrived; only after this resolves it is acknowledged. */
  onInbox: (inbox: Inbox) => Promise<void>;
  onConnected: () => void;
  /** The connection failed; the next try is at `retryAt`. */
  onWaiting: (failure: Failure, retryAt: number) => void;
  onTrying: () => void;
  onEnd: (end: ReceiverEnd) => void;
}

export interface ReceiverOptions {
  receive: (hold: boolean, signal: AbortSignal) => Promise<Inbox>;
  acknowledge: (ids: readonly string[]) => Promise<void>;
  /** Whether an empty answer says something that was not known when it was asked for. */
  isNews: (inbox: Inbox) => boolean;
  clock: Clock;
  backoff: Backoff;
  events: ReceiverEvents;
}

/** The poll loop: receive, show, acknowledge, again. */
export interface Receiver {
  start(): void;
  stop(): void;
  /** Tries at once instead of waiting on. */
  retryNow(): void;
  /** The same, and asks a held poll anew: its connection may be dead without anybody having noticed. */
  recheck(): void;
  /** Asks a held poll anew, because something else is known now; does nothing while none is held. */
  askAnew(): void;
}

// An empty answer that comes this fast was not held: the server is stopping, or set up strangely.
const SUSPICIOUSLY_FAST_MS = 1_000;

// Only so often is a cut answered by a check at once: where checks succeed and all held polls are cut, that would not end.
const BETWEEN_CHECKS_MS = 5_000;

/** How a round ended; after `again` the connection is known to work, so that the next poll may be held. */
type Outcome = ReceiverEnd | 'again' | 'failed';

/** One request and what becomes of its answer. */
interface PollStep {
  readonly abort: AbortController;
  readonly isHeld: boolean;
  /** It was given up for another held one, not because the connection is in doubt. */
  isAskedAnew: boolean;
}

const newStep = (isHeld: boolean): PollStep => ({
  abort: new AbortController(),
  isHeld,
  isAskedAnew: false,
});

/** Creates the receiver of one participant; it rests until it is started. */
export function createReceiver(options: ReceiverOptions): Receiver {
  let run: AbortController | undefined;
  let [step, checkedAt] = [newStep(false), 0];
  const retry = createRetryWait({ ...options, onWaiting: options.events.onWaiting });

  const round = async (held: boolean, stopped: AbortSignal): Promise<Outcome> => {
    const current = (step = newStep(held));
    const { signal } = current.abort;
    if (!held) checkedAt = options.clock.elapsed();
    try {
      return await takeInbox(options, held, signal, stopped);
    } catch (thrown) {
      if (isAborted(stopped)) return 'failed';
      if (isAborted(signal)) return current.isAskedAnew ? 'again' : 'failed';
      const failure = toFailure(thrown);
      if (held && isCut(failure, options.clock.elapsed() - checkedAt)) return 'failed';
      const end = endOf(failure);
      if (end) return end;
      await retry.pause(failure);
      if (!isAborted(stopped)) options.events.onTrying();
      return 'failed';
    }
  };

  const loop = async (stopped: AbortSignal): Promise<void> => {
    let held = false;
    while (!isAborted(stopped)) {
      const outcome = await round(held, stopped);
      if (isAborted(stopped)) return;
      held = outcome === 'again';
      if (outcome === 'again' || outcome === 'failed') continue;
      run = undefined;
      options.events.onEnd(outcome);
      return;
    }
  };

  return {
    start() {
      if (run) return;
      run = new AbortController();
      void loop(run.signal);
    },
    stop() {
      run?.abort();
      run = undefined;
      step.abort.abort();
      retry.endNow();
    },
    retryNow() {
      retry.endNow();
    },
    recheck() {
      step.abort.abort();
      retry.endNow();
    },
    askAnew() {
      if (!step.isHeld) return;
      step.isAskedAnew = true;
      step.abort.abort();
    },
  };
}

/** Receives, shows, acknowledges. Shown messages that could not be acknowledged come again and are acknowledged then. */
async function takeInbox(
  options: ReceiverOptions,
  held: boolean,
  signal: AbortSignal,
  stopped: AbortSignal,
): Promise<Outcome> {
  const { clock, backoff, events } = options;
  const asked = clock.elapsed();
  const inbox = await options.receive(held, signal);
  if (stopped.aborted) return 'failed';
  await events.onInbox(inbox);
  if (isAborted(stopped)) return 'failed';
  events.onConnected();
  await acknowledge(options, inbox);
  backoff.reset();
  if (inbox.status === 'closed') return 'closed';
  const empty = inbox.messages.length === 0;
  const isFast = clock.elapsed() - asked < SUSPICIOUSLY_FAST_MS;
  if (held && empty && isFast && !options.isNews(inbox)) {
    await sleep(clock, SUSPICIOUSLY_FAST_MS, signal);
  }
  return 'again';
}

async function acknowledge(options: ReceiverOptions, { messages, status }: Inbox): Promise<void> {
  if (messages.length === 0) return;
  try {
    await options.acknowledge(messages.map(({ _id }) => _id));
  } catch (thrown) {
    // A closed chat is removed once both have acknowledged; then an answer that got lost reads like this.
    if (status === 'closed' && toFailure(thrown).code === refusals.unauthorized.code) return;
    throw thrown;
  }
}

// Not inline: the compiler takes a property that was false once to be false for ever.
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/**
 * Whether a held poll was cut on the way, as some proxies and every change of network do: then a check comes first,
 * not a wait, unless the last one was only just made.
 */
function isCut({ code }: Failure, sinceCheckMs: number): boolean {
  return (
    sinceCheckMs > BETWEEN_CHECKS_MS &&
    (code === NO_ANSWER || code === BAD_GATEWAY || code === GATEWAY_TIMEOUT)
  );
}

function endOf(failure: Failure): ReceiverEnd | undefined {
  if (failure.code === refusals.unauthorized.code) return 'unauthorized';
  if (failure.code === refusals.conflict.code) return 'superseded';
  return undefined;
}
