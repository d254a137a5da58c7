import type { Status, Token } from '../protocol.ts';
import type { ChatStore } from './chat-store.ts';
import type { Clock } from './clock.ts';
import { CHAT_ENDS, wakeBoth } from './life-cycle.ts';
import type { TerminationReport } from './terminate-chats.ts';
import type { Terminate } from './termination-run.ts';
import type { WakeBus } from './wake-bus.ts';

/** What an operator may ask for from the shell. */
export interface Operations {
  /** Runs the termination job once. */
  terminate(...options: Parameters<Terminate>): Promise<TerminationReport>;
  /** Removes a chat at once: whoever is in it is refused from now on. Gives its status until then; `null`: there is none. */
  remove(chatToken: Token): Promise<Status | null>;
  /** How many chats are closed. */
  countClosed(): Promise<number>;
}

export interface OperationsContext {
  readonly store: ChatStore;
  readonly wakeBus: WakeBus;
  readonly clock: Clock;
  readonly terminate: Terminate;
}

/** The operations on the chats of this process. */
export const createOperations = (context: OperationsContext): Operations => ({
  terminate: context.terminate,
  remove: async (chatToken) => {
    const chat = await context.store.remove(chatToken, context.clock.now());
    if (chat !== null) wakeBoth(context.wakeBus, chat, CHAT_ENDS);
    return chat?.status ?? null;
  },
  countClosed: async () => (await context.store.countByStatus()).closed,
});
