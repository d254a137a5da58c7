import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { StorageUnavailable } from './chat/failures.ts';
import type { ChatStore } from './chat/chat-store.ts';

/** Milliseconds between two attempts to connect. */
const RETRY_INTERVAL = 2000;

/** Milliseconds that an operation waits for the first attempt: later ones are not waited for. */
const FIRST_ATTEMPT = 5000;

/** Milliseconds that disconnecting waits for an attempt under way. */
const LAST_ATTEMPT = 5000;

/**
 * A store that may not be there yet when the process starts: it is connected in the background, as
 * often as it takes, and until then every operation rejects with `StorageUnavailable`.
 *
 * @param connect rejects when the database cannot be reached; called again later
 */
export function lateStore(connect: () => Promise<ChatStore>, logger: Logger): ChatStore {
  const stopping = new AbortController();
  const { signal } = stopping;
  let store: ChatStore | null = null;
  let failure = new Error('not connected yet');

  const attempt = async (): Promise<boolean> => {
    try {
      store = await connect();
      logger.info('storage is connected');
      return true;
    } catch (error) {
      failure = withoutCredentials(error);
      logger.error({ reason: failure.message }, 'storage cannot be connected, trying again');
      return false;
    }
  };
  const persist = async (): Promise<void> => {
    while (!signal.aborted && !(await attempt())) {
      await sleep(RETRY_INTERVAL, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const connecting = persist();
  const patience = sleep(FIRST_ATTEMPT, undefined, { signal, ref: false }).catch(() => undefined);
  const firstAttempt = Promise.race([connecting, patience]);

  const connected = async (): Promise<ChatStore> => {
    if (store === null) await firstAttempt;
    if (store === null) throw new StorageUnavailable(failure);
    return store;
  };
  const disconnect = async (): Promise<void> => {
    stopping.abort();
    // An attempt under way may take long, for indexes; it ends with the process.
    await Promise.race([connecting, sleep(LAST_ATTEMPT, undefined, { ref: false })]);
    await store?.disconnect();
  };
  return forwarding(connected, disconnect);
}

/** Every operation of the contract, carried out by the store that there is by then. */
function forwarding(
  connected: () => Promise<ChatStore>,
  disconnect: () => Promise<void>,
): ChatStore {
  return {
    create: async (...given) => (await connected()).create(...given),
    find: async (...given) => (await connected()).find(...given),
    findParticipant: async (...given) => (await connected()).findParticipant(...given),
    join: async (...given) => (await connected()).join(...given),
    send: async (...given) => (await connected()).send(...given),
    acknowledge: async (...given) => (await connected()).acknowledge(...given),
    close: async (...given) => (await connected()).close(...given),
    noticeIntruder: async (...given) => (await connected()).noticeIntruder(...given),
    look: async (...given) => (await connected()).look(...given),
    beginPoll: async (...given) => (await connected()).beginPoll(...given),
    endPoll: async (...given) => (await connected()).endPoll(...given),
    findOverdue: async (...given) => (await connected()).findOverdue(...given),
    expire: async (...given) => (await connected()).expire(...given),
    removeFinished: async (...given) => (await connected()).removeFinished(...given),
    remove: async (...given) => (await connected()).remove(...given),
    list: async (...given) => (await connected()).list(...given),
    countByStatus: async () => (await connected()).countByStatus(),
    ping: async () => (await connected()).ping(),
    disconnect,
  };
}

/** A driver may quote an address that it does not understand, password and all. */
function withoutCredentials(error: unknown): Error {
  const message = error instanceof Error ? error.message : 'unknown';
  return new Error(message.replaceAll(/\/\/[^\s@]*@/g, '//…@'));
}
