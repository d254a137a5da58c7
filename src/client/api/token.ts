import type { Token } from '../../protocol.ts';

/** Fills the bytes with random ones; `crypto.getRandomValues` in the browser. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const systemRandom: RandomBytes = (bytes) => crypto.getRandomValues(bytes);

/** A new chat token, user token or message id: 12 random bytes as 24 lowercase hex characters. */
export function newToken(random: RandomBytes = systemRandom): Token {
  const bytes = random(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
