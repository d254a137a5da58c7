import type { Bytes } from './bytes.ts';
import { SIZE } from './suite-labels.ts';

/** The suite's algorithms in WebCrypto's words: P-256 ECDH, HKDF-SHA-256, HMAC-SHA-256, AES-256-GCM, SHA-256. */

/** A key that WebCrypto holds; none of the suite's secret keys can be exported. */
export type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;
const SHARED_SECRET_BITS = 256;
const UNCOMPRESSED = 4;

/** Whether this environment offers WebCrypto; browsers do so only over HTTPS and on localhost. */
export function hasWebCrypto(): boolean {
  const offered = globalThis as { readonly crypto?: { readonly subtle?: unknown } };
  return offered.crypto?.subtle !== undefined;
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export async function hmac(key: Key, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
}

/** Whether the MAC is right; takes equally long whatever it is. */
export function verifyHmac(key: Key, mac: Bytes, bytes: Bytes): Promise<boolean> {
  return crypto.subtle.verify('HMAC', key, mac, bytes);
}

/** Input key material that derives by HKDF-SHA-256. */
export function importKeyMaterial(material: Bytes): Promise<Key> {
  return crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits', 'deriveKey']);
}

/** What HKDF-SHA-256 mixes in, as bytes. */
export interface HkdfContext {
  readonly salt: Bytes;
  readonly info: Bytes;
}

const hkdf = ({ salt, info }: HkdfContext) =>
  ({ name: 'HKDF', hash: 'SHA-256', salt, info }) as const;

/** So many derived bytes. */
export async function deriveBytes(
  material: Key,
  context: HkdfContext,
  length: number,
): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf(context), material, length * 8));
}

/** A derived HMAC-SHA-256 key of so many bits. */
export function deriveHmacKey(material: Key, context: HkdfContext, bits: number): Promise<Key> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256', length: bits } as const;
  return crypto.subtle.deriveKey(hkdf(context), material, algorithm, false, ['sign', 'verify']);
}

/** A derived AES-256-GCM key for one of both directions. */
export function deriveAesKey(
  material: Key,
  context: HkdfContext,
  use: 'encrypt' | 'decrypt',
): Promise<Key> {
  const algorithm = { name: 'AES-GCM', length: 256 } as const;
  return crypto.subtle.deriveKey(hkdf(context), material, algorithm, false, [use]);
}

export interface EphemeralKeys {
  readonly privateKey: Key;
  /** Uncompressed point. */
  readonly publicKey: Bytes;
}

/** A new pair for one Diffie-Hellman. */
export async function generateEphemeralKeys(): Promise<EphemeralKeys> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return { privateKey: pair.privateKey, publicKey };
}

/** The other's public key; undefined unless it is the uncompressed form of a point on the curve. */
export async function importPublicKey(point: Bytes): Promise<Key | undefined> {
  // Some implementations of "raw" also read the compressed and the hybrid form.
  if (point.length !== SIZE.publicKey || point[0] !== UNCOMPRESSED) return undefined;
  try {
    return await crypto.subtle.importKey('raw', point, CURVE, false, []);
  } catch {
    return undefined;
  }
}

/** What both sides of a Diffie-Hellman compute, as key material. */
export async function agree(privateKey: Key, publicKey: Key): Promise<Key> {
  const bits = await crypto.subtle.deriveBits(
    { name: CURVE.name, public: publicKey },
    privateKey,
    SHARED_SECRET_BITS,
  );
  const secret = new Uint8Array(bits);
  try {
    return await importKeyMaterial(secret);
  } finally {
    secret.fill(0);
  }
}

/** Encrypts; the result ends with the tag of 16 bytes. */
export async function encrypt(
  key: Key,
  iv: Bytes,
  associated: Bytes,
  plain: Bytes,
): Promise<Bytes> {
  const algorithm = { name: 'AES-GCM', iv, additionalData: associated } as const;
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plain));
}

/** Decrypts; undefined when the tag does not fit. */
export async function decrypt(
  key: Key,
  iv: Bytes,
  associated: Bytes,
  sealed: Bytes,
): Promise<Bytes | undefined> {
  const algorithm = { name: 'AES-GCM', iv, additionalData: associated } as const;
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed));
  } catch {
    return undefined;
  }
}
