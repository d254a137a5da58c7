import { asList, asObject, asText, parseJson } from '../../client/api/json.ts';
import { createOutbox, type Outbox } from '../../client/connection/outbox.ts';
import type { OutgoingMessage } from '../../protocol.ts';
import { OUTBOX_KEY } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/** The outbox of a plain chat, kept across reloads. */
export function openTabOutbox(storage: TabStorage): Outbox {
  return createOutbox(readMessages(parseJson(storage.get(OUTBOX_KEY))), (messages) => {
    storage.set(OUTBOX_KEY, JSON.stringify(messages));
  });
}

function readMessages(value: unknown): OutgoingMessage[] {
  return asList(value)
    .map((stored) => asObject(stored))
    .map((stored) => ({ _id: asText(stored['_id']), msg: asText(stored['msg']) }))
    .filter(({ _id, msg }) => _id !== '' && msg !== '');
}
