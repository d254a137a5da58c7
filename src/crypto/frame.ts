import type { Bytes } from './bytes.ts';
import { decodeText, encodeText } from './message-text.ts';
import { ENVELOPE, TEXT } from './suite-labels.ts';

/**
 * The frame inside an envelope (encryption.md, "Message"), always 640 bytes, big-endian:
 * type 1, sequence 4, received 4, length 2, text, zeros.
 */

interface FrameHead {
  /** From 0, one for each frame and direction. */
  readonly sequence: number;
  /** How many of the other's frames were opened in sequence. */
  readonly received: number;
}

/** What an own frame says: the key is confirmed, or a text. */
export type OwnFrame = FrameHead &
  ({ readonly type: 'hello' } | { readonly type: 'text'; readonly text: string });

/** What a received frame says; a type that is not known yet is acknowledged and ignored. */
export type Frame = OwnFrame | (FrameHead & { readonly type: 'unknown' });

const TYPE = { hello: 0, text: 1 } as const;
const AT = { type: 0, sequence: 1, received: 5, length: 9, text: 11 } as const;

const viewOf = (bytes: Bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** @throws {Sfc1Error} when the text may not be sent. */
export function encodeFrame(frame: OwnFrame): Bytes {
  const text = frame.type === 'text' ? encodeText(frame.text) : new Uint8Array();
  const bytes = new Uint8Array(ENVELOPE.frame);
  const view = viewOf(bytes);
  view.setUint8(AT.type, TYPE[frame.type]);
  view.setUint32(AT.sequence, frame.sequence);
  view.setUint32(AT.received, frame.received);
  view.setUint16(AT.length, text.length);
  bytes.set(text, AT.text);
  return bytes;
}

/** Undefined for anything that {@link encodeFrame} does not write, unknown types aside. */
export function decodeFrame(bytes: Bytes): Frame | undefined {
  if (bytes.length !== ENVELOPE.frame) return undefined;
  const view = viewOf(bytes);
  const head = { sequence: view.getUint32(AT.sequence), received: view.getUint32(AT.received) };
  const type = view.getUint8(AT.type);
  if (type !== TYPE.hello && type !== TYPE.text) return { type: 'unknown', ...head };

  const length = view.getUint16(AT.length);
  const end = AT.text + length;
  if (length > TEXT.bytes || bytes.subarray(end).some((byte) => byte !== 0)) return undefined;
  if (type === TYPE.hello) return length === 0 ? { type: 'hello', ...head } : undefined;
  const text = decodeText(bytes.subarray(AT.text, end));
  return text === undefined ? undefined : { type: 'text', text, ...head };
}
