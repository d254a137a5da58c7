import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { concat, randomBytes, split, utf8, type Bytes } from './bytes.ts';
import { decrypt, encrypt, type Key } from './primitives.ts';
import { ENVELOPE, SEALED_LABEL } from './suite-labels.ts';

/**
 * Sealing of what a page keeps for itself, history and outbox (encryption.md, "Keys in the browser"):
 * b64url(IV 12 ‖ AES-256-GCM(text) ‖ tag 16), random IV; the associated data says what it is, so that one
 * thing cannot be put in another's place.
 */

/** A new key that never leaves WebCrypto. */
export function generateSealingKey(): Promise<Key> {
  const algorithm = { name: 'AES-GCM', length: 256 } as const;
  return crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
}

const associatedData = (name: string): Bytes => concat(SEALED_LABEL, name);

/** Seals a text under a name, for instance `history`. */
export async function seal(key: Key, name: string, text: string): Promise<string> {
  const iv = randomBytes(ENVELOPE.iv);
  return encodeBase64url(concat(iv, await encrypt(key, iv, associatedData(name), utf8(text))));
}

/** The text that was sealed with this key under this name; undefined for anything else. */
export async function unseal(key: Key, name: string, sealed: string): Promise<string | undefined> {
  const bytes = decodeBase64url(sealed);
  const parts = bytes && split(bytes, [ENVELOPE.iv, Math.max(0, bytes.length - ENVELOPE.iv)]);
  const opened = parts && (await decrypt(key, parts[0], associatedData(name), parts[1]));
  return opened && new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened);
}
