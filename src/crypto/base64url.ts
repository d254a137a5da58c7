import type { Bytes } from './bytes.ts';

/** Base64 for URLs without padding (RFC 4648, section 5); one text for each sequence of bytes. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]));

/** Bytes as text. */
export function encodeBase64url(bytes: Bytes): string {
  const characters: string[] = [];
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 6; held -= 6) {
      characters.push(ALPHABET.charAt((bits >> (held - 6)) & 63));
    }
    bits &= 63;
  }
  if (held > 0) characters.push(ALPHABET.charAt((bits << (6 - held)) & 63));
  return characters.join('');
}

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
  for (const character of text) {
    const value = VALUES.get(character);
    if (value === undefined) return undefined;
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
