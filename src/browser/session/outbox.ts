import { MAX_BODY_BYTES, MAX_SENT, type OutgoingMessage } from '../../protocol.ts';
import { sendBody } from '../api/answers.ts';
import { asList, asObject, asText, parseJson } from '../api/json.ts';
import { OUTBOX_KEY } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/** Messages that the server has not accepted yet, oldest first, kept across reloads. */
export interface Outbox {
  add(message: OutgoingMessage): void;
  pending(): readonly OutgoingMessage[];
  remove(ids: readonly string[]): void;
}

/** Creates the outbox from what the tab remembers. */
export function createOutbox(storage: TabStorage): Outbox {
  let messages = readMessages(parseJson(storage.get(OUTBOX_KEY)));
  const replace = (changed: OutgoingMessage[]): void => {
    messages = changed;
    storage.set(OUTBOX_KEY, JSON.stringify(messages));
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

function readMessages(value: unknown): OutgoingMessage[] {
  return asList(value)
    .map((stored) => asObject(stored))
    .map((stored) => ({ _id: asText(stored['_id']), msg: asText(stored['msg']) }))
    .filter(({ _id, msg }) => _id !== '' && msg !== '');
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
