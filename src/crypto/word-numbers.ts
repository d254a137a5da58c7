import type { Bytes } from './bytes.ts';

/** Places in the list of 2,048 words, from 0. */
export type WordNumbers = readonly [number, number, number, number];

/** The first 44 bits, 11 for each word (encryption.md, "Verification"). */
export function wordNumbers(bytes: Bytes): WordNumbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint32(0);
  const second = view.getUint32(4);
  return [
    first >>> 21,
    (first >>> 10) & 0x7ff,
    ((first & 0x3ff) << 1) | (second >>> 31),
    (second >>> 20) & 0x7ff,
  ];
}
