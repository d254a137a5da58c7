import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import { isUnreachable, NO_ANSWER } from '../../client/api/no-answer.ts';
import type { Channel, ChannelEvents } from '../../client/connection/channel.ts';
import { createServerProbe } from '../../client/connection/server-probe.ts';
import { refusals } from '../../protocol.ts';
import type { Connection } from './chat-view.ts';
import type { ChatLife } from './life.ts';
import { describeSendTrouble, describeTrouble } from './words.ts';

export interface ConnectionWatchOptions {
  readonly clock: Clock;
  readonly channel: Pick<Channel, 'recheck' | 'retrySending'>;
  /** Whether the server answers at all. */
  readonly askServer: (signal: AbortSignal) => Promise<boolean>;
  readonly isVisible: () => boolean;
  readonly life: Pick<ChatLife, 'isLive'>;
  readonly onChange: (connection: Connection) => void;
  /** Sending is in trouble from now on, or no longer. */
  readonly onHeldUp: () => void;
}

/** How it stands with the connection: what the line of state says, and when it is worth trying again. */
export interface ConnectionWatch {
  begin(): void;
  stop(): void;
  /** What the channel tells of it. */
  readonly events: Pick<
    ChannelEvents,
    'onConnected' | 'onTrying' | 'onReceiveWaiting' | 'onSent' | 'onSendWaiting'
  >;
  /** A check takes long. */
  slow: () => void;
  /** Whether sending is in trouble. */
  isHeldUp: () => boolean;
  /** Sends what waits, unless the server said when to come again. */
  retrySending(): void;
  /** Do not trust a held connection. */
  recheck: () => void;
}

/** Watches the connection of one chat. */
export function createConnectionWatch(options: ConnectionWatchOptions): ConnectionWatch {
  const { channel, onHeldUp } = options;
  const state = createStateLine(options.onChange);

  const retrySending = (): void => {
    // This one is not about the connection: the server said when to come again.
    if (state.sendFailure()?.code !== refusals.tooManyRequests.code) channel.retrySending();
  };

  const recheck = (): void => {
    channel.recheck();
    retrySending();
  };

  const probe = createServerProbe({
    clock: options.clock,
    ask: options.askServer,
    isVisible: options.isVisible,
    onAnswer() {
      if (options.life.isLive()) recheck();
    },
  });

  return {
    begin: state.reset,
    stop: probe.stop.bind(probe),
    events: {
      onConnected() {
        state.setReceiving({ kind: 'connected' });
        if (state.sendFailure()?.code === NO_ANSWER) retrySending();
        else probe.stop();
      },
      onTrying() {
        state.setReceiving({ kind: 'connecting' });
      },
      onReceiveWaiting(failure, retryAt) {
        state.setReceiving({ kind: 'waiting', trouble: describeTrouble(failure), retryAt });
        if (isUnreachable(failure)) probe.start();
      },
      onSent() {
        if (!state.sendFailure()) return;
        state.setSending(undefined);
        onHeldUp();
        if (state.isConnected()) probe.stop();
      },
      onSendWaiting(failure, retryAt) {
        state.setSending({ failure, retryAt });
        onHeldUp();
        if (isUnreachable(failure)) probe.start();
      },
    },
    slow() {
      if (state.isConnected()) state.setReceiving({ kind: 'connecting' });
      probe.start();
    },
    isHeldUp: () => state.sendFailure() !== undefined,
    retrySending,
    recheck,
  };
}

interface SendTrouble {
  readonly failure: Failure;
  readonly retryAt: number;
}

interface StateLine {
  readonly reset: () => void;
  setReceiving(receiving: Connection): void;
  isConnected(): boolean;
  setSending(trouble: SendTrouble | undefined): void;
  sendFailure(): Failure | undefined;
}

/** One line for both: what is wrong with sending comes before "Connected". */
function createStateLine(onChange: (connection: Connection) => void): StateLine {
  let receiving: Connection = { kind: 'connecting' };
  let sending: SendTrouble | undefined;

  const show = (): void => {
    if (receiving.kind === 'waiting' || !sending) {
      onChange(receiving);
    } else {
      const { failure, retryAt } = sending;
      onChange({ kind: 'waiting', trouble: describeSendTrouble(failure), retryAt });
    }
  };

  return {
    reset() {
      receiving = { kind: 'connecting' };
      sending = undefined;
      show();
    },
    setReceiving(changed) {
      receiving = changed;
      show();
    },
    isConnected: () => receiving.kind === 'connected',
    setSending(changed) {
      sending = changed;
      show();
    },
    sendFailure: () => sending?.failure,
  };
}
