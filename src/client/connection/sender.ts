import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { MAX_SENT, refusals, type OutgoingMessage } from '../../protocol.ts';
import { toFailure } from '../api/no-answer.ts';
import { firstBatch, type Outbox } from './outbox.ts';
import type { Backoff } from './backoff.ts';
import { createRetryWait } from './retry-wait.ts';

export interface SenderEvents {
  /** Still in the outbox. */
  onAccepted: (ids: readonly string[]) => void;
  /** And now out of it. */
  onSent: () => void;
  /** Not sent; the next try is at `retryAt`. */
  onWaiting: (failure: Failure, retryAt: number) => void;
  /** The server will never take this message. */
  onRefused: (id: string, failure: Failure) => void;
  /** The server does not know this participant (any more). */
  onUnauthorized: () => void;
}

export interface SenderOptions {
  send: (messages: readonly OutgoingMessage[]) => Promise<void>;
  outbox: Pick<Outbox, 'pending' | 'remove'>;
  clock: Clock;
  backoff: Backoff;
  events: SenderEvents;
}

/** Empties the outbox: in order, one request at a time, the same ids again until the server answers. */
export interface Sender {
  /** Begins, or goes on when there is something new. Does not cut a wait short. */
  start(): void;
  stop(): void;
  /** Tries at once instead of waiting on. */
  retryNow(): void;
}

/** Creates the sender of an outbox; it rests until it is started. */
export function createSender(options: SenderOptions): Sender {
  const { outbox, backoff, events } = options;
  let active = false;
  let running = false;
  const retry = createRetryWait({ ...options, onWaiting: events.onWaiting });
  // One message at a time while the server refuses a batch, to find out which one it means.
  let most = MAX_SENT;
  // A function: the compiler takes a variable that was true once to be true for ever.
  const isActive = (): boolean => active;

  const refuse = (batch: readonly OutgoingMessage[], failure: Failure): void => {
    const [first] = batch;
    most = batch.length > 1 ? 1 : MAX_SENT;
    if (batch.length > 1 || !first) return;
    outbox.remove([first._id]);
    events.onRefused(first._id, failure);
  };

  const handle = async (failure: Failure, batch: readonly OutgoingMessage[]): Promise<void> => {
    if (failure.code === refusals.unauthorized.code) {
      active = false;
      events.onUnauthorized();
    } else if (isForGood(failure)) {
      refuse(batch, failure);
    } else if (isActive()) {
      await retry.pause(failure);
    }
  };

  const sendBatch = async (batch: readonly OutgoingMessage[]): Promise<void> => {
    try {
      await options.send(batch);
    } catch (thrown) {
      await handle(toFailure(thrown), batch);
      return;
    }
    const ids = batch.map(({ _id }) => _id);
    events.onAccepted(ids);
    outbox.remove(ids);
    backoff.reset();
    events.onSent();
  };

  const run = async (): Promise<void> => {
    running = true;
    while (isActive() && outbox.pending().length > 0) {
      await sendBatch(firstBatch(outbox.pending(), most));
    }
    running = false;
  };

  return {
    start() {
      active = true;
      if (!running) void run();
    },
    stop() {
      active = false;
      retry.endNow();
    },
    retryNow() {
      retry.endNow();
    },
  };
}

/** Whether the server will never take what was sent. */
function isForGood({ code }: Failure): boolean {
  return code === refusals.badRequest.code || code === refusals.payloadTooLarge.code;
}
