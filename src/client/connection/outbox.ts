import { MAX_BODY_BYTES, MAX_SENT, type OutgoingMessage } from '../../protocol.ts';
import { sendBody } from '../api/answers.ts';

/** Messages that the server has not accepted yet, oldest first. */
export interface Outbox {
  add(message: OutgoingMessage): void;
  pending(): readonly OutgoingMessage[];
  remove(ids: readonly string[]): void;
}

/** An outbox that begins with these messages; `onChange` may keep what is in it now. */
export function createOutbox(
  first: readonly OutgoingMessage[] = [],
  onChange: (messages: readonly OutgoingMessage[]) => void = () => undefined,
): Outbox {
  let messages = first;
  const replace = (changed: OutgoingMessage[]): void => {
    messages = changed;
    onChange(messages);
  };
  return {
    add(message) {
      replace([...messages, message]);
    },
    pending: () => messages,
    remove(ids) {
      replace(messages.filter(({ _id }) => !ids.includes(_id)));
    },
  };
}

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** The longest beginning of the messages that one request may carry; at least one message. */
export function firstBatch(
  messages: readonly OutgoingMessage[],
  most: number = MAX_SENT,
): OutgoingMessage[] {
  let batch = messages.slice(0, most);
  while (batch.length > 1 && bytes(sendBody(batch)) > MAX_BODY_BYTES) batch = batch.slice(0, -1);
  return batch;
}
