import type { ServerAction } from './server-actions.ts';

/** Reading and writing the payloads of frames (GradAgenda, sections 1 and 3.4). */

/** Bytes of one payload at the most: the document's 4 KB. */
export const MAX_PAYLOAD_BYTES = 4096;

/** Actions in one batch of a client at the most. */
export const MAX_BATCH = 20;

/** What this gateway closes connections with (RFC 6455, section 7.4.1, and IANA's registry). */
export const closeCodes = {
  /** The chat is over. */
  normal: 1000,
  notText: 1003,
  notJson: 1007,
  policy: 1008,
  internal: 1011,
  /** The server stops; the client comes back. */
  restart: 1012,
  tryAgainLater: 1013,
} as const;

/** Why a connection is closed; no reason repeats anything that a client has sent. */
export interface Closing {
  readonly code: (typeof closeCodes)[keyof typeof closeCodes];
  readonly reason: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a payload turns out to be. */
export type Payload =
  | { readonly object: JsonObject; readonly closing?: never }
  | { readonly object?: never; readonly closing: Closing };

/** Reads the object in a payload, or says why the connection is closed for it. UTF-8 is checked before. */
export function readPayload(data: Buffer, isBinary: boolean): Payload {
  if (isBinary) return { closing: { code: closeCodes.notText, reason: 'a payload is text' } };
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch {
    return { closing: { code: closeCodes.notJson, reason: 'a payload is JSON' } };
  }
  if (isObject(value)) return { object: value };
  return { closing: { code: closeCodes.policy, reason: 'an action is an object' } };
}

const BATCH_HEAD = '{"type":"batch-mode-action","actions":[';
const BATCH_TAIL = ']}';
const BATCH_BYTES = BATCH_HEAD.length + BATCH_TAIL.length;

/**
 * Writes a series of actions as few payloads: a lonely one by itself, others in batches under
 * {@link MAX_PAYLOAD_BYTES}. What is larger than that alone is one payload still, for {@link fragments}.
 */
export function toPayloads(actions: readonly ServerAction[]): Buffer[] {
  const batches: string[][] = [];
  let bytes = Infinity;
  for (const action of actions) {
    const text = JSON.stringify(action);
    const more = Buffer.byteLength(text) + 1;
    const last = batches.at(-1);
    if (last !== undefined && bytes + more < MAX_PAYLOAD_BYTES) {
      last.push(text);
      bytes += more;
    } else {
      batches.push([text]);
      bytes = BATCH_BYTES + more;
    }
  }
  return batches.map((batch) =>
    Buffer.from(batch.length === 1 ? (batch[0] ?? '') : BATCH_HEAD + batch.join() + BATCH_TAIL),
  );
}

/** A payload in pieces for frames of {@link MAX_PAYLOAD_BYTES} at the most; nearly always there is one. */
export function fragments(payload: Buffer): Buffer[] {
  const count = Math.ceil(payload.length / MAX_PAYLOAD_BYTES);
  return Array.from({ length: count }, (_, index) =>
    payload.subarray(index * MAX_PAYLOAD_BYTES, (index + 1) * MAX_PAYLOAD_BYTES),
  );
}
