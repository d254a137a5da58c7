import type { SentText } from '../crypto/index.ts';
import type { OwnMessage, OwnMessages, Stage } from './connection/deliveries.ts';

/** One's own messages in memory. */
export interface MessagesInMemory extends OwnMessages {
  add(id: string, text: string): void;
  /** Empty for a message that is not here. */
  textOf(id: string): string;
  /** The server will never take it. */
  remove(id: string): void;
  /** How many may still arrive. */
  underWay(): number;
  /** Whether all of them have arrived. */
  haveArrived(): boolean;
}

/** Creates an empty list. */
export function createOwnMessages(): MessagesInMemory {
  const messages = new Map<string, OwnMessage & { readonly text: string }>();
  const change = (id: string, changes: { stage: Stage } | { sent: SentText }): void => {
    const message = messages.get(id);
    if (message) messages.set(id, { ...message, ...changes });
  };
  return {
    own: () => [...messages.values()],
    setStage(id, stage) {
      change(id, { stage });
    },
    setSent(id, sent) {
      change(id, { sent });
    },
    add(id, text) {
      messages.set(id, { id, text });
    },
    textOf: (id) => messages.get(id)?.text ?? '',
    remove(id) {
      messages.delete(id);
    },
    underWay: () =>
      [...messages.values()].filter(({ stage }) => stage === undefined || stage === 'sent').length,
    haveArrived: () =>
      [...messages.values()].every(({ stage }) => stage === 'delivered' || stage === 'confirmed'),
  };
}
