import type { Bytes } from './bytes.ts';

/**
 * Base64 for URLs without padding (RFC 4648, section 5); one text for each sequence of bytes. By tables and arrays of
 * bytes: a whole conversation is sealed each time something is said.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES = new Int8Array(128).fill(-1);
CODES.forEach((code, value) => (VALUES[code] = value));

/** Bytes as text. */
export function encodeBase64url(bytes: Bytes): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 6; held -= 6) text[at++] = codeOf(bits >> (held - 6));
    bits &= 63;
  }
  if (held > 0) text[at] = codeOf(bits << (6 - held));
  return new TextDecoder().decode(text);
}

const codeOf = (bits: number): number => CODES[bits & 63] ?? 0;

/**
 * Text as bytes; undefined for anything that {@link encodeBase64url} does not write: other characters,
 * padding, a length that no bytes have, or bits left over that are not zero.
 */
export function decodeBase64url(text: string): Bytes | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) return undefined;
    bits = (bits << 6) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = bits >> held;
      bits &= (1 << held) - 1;
    }
  }
  return bits === 0 ? bytes : undefined;
}
