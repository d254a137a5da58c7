import type { Failure } from '../chat/failures.ts';
import type { Stage } from './connection/deliveries.ts';
import type { ChatEvent } from './events.ts';
import { createOwnMessages, type MessagesInMemory } from './own-messages.ts';

/** Why a text is refused after the end. */
const OVER = 'the chat is over';

export interface OwnDeliveriesOptions {
  readonly tell: (event: ChatEvent) => void;
  /** One less may be under way. */
  readonly onSettled: () => void;
}

/** One's own messages on their way, and what the user of the client is told of it. */
export interface OwnDeliveries {
  readonly messages: MessagesInMemory;
  /** What the channel tells of them. */
  readonly events: {
    onStage: (id: string, stage: Stage) => void;
    onContradiction: (id: string) => void;
    onRefused: (id: string, failure: Failure) => void;
  };
  /** A text that came after the end. */
  refuseLate(id: string, text: string): void;
  /** The chat is over: what the server has not accepted will never arrive. */
  end(): void;
}

/** Creates those of a chat in which nothing was said yet. */
export function createOwnDeliveries({ tell, onSettled }: OwnDeliveriesOptions): OwnDeliveries {
  const messages = createOwnMessages();
  const contradicted = new Set<string>();

  const reached = (id: string, stage: Stage): ChatEvent | undefined => {
    switch (stage) {
      case 'sent':
        return { event: 'sent', id, text: messages.textOf(id) };
      case 'delivered':
      case 'confirmed':
        return { event: 'delivered', id, confirmed: stage === 'confirmed' };
      case 'unconfirmed': {
        const reason = contradicted.has(id) ? 'contradiction' : 'not confirmed';
        return { event: 'warning', reason, id };
      }
      case 'repeated':
        return undefined;
    }
  };

  const refuseLate = (id: string, text: string): void => {
    tell({ event: 'refused', id, text, reason: OVER });
  };

  return {
    messages,
    events: {
      onStage(id, stage) {
        const event = reached(id, stage);
        if (event) tell(event);
        onSettled();
      },
      onContradiction(id) {
        contradicted.add(id);
      },
      onRefused(id, failure) {
        const text = messages.textOf(id);
        messages.remove(id);
        tell({ event: 'refused', id, text, reason: failure.message });
        onSettled();
      },
    },
    refuseLate,
    end() {
      for (const { id, stage } of messages.own()) {
        if (stage === undefined) refuseLate(id, messages.textOf(id));
      }
    },
  };
}
