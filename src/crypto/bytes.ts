/** Bytes in memory of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** The text as UTF-8; for the fixed strings of the suite that is ASCII. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** All parts one after the other; strings as UTF-8. */
export function concat(...parts: readonly (Bytes | string)[]): Bytes {
  const pieces = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Cuts bytes into pieces of the given lengths; undefined unless they fit exactly. */
export function split<const Lengths extends readonly number[]>(
  bytes: Bytes,
  lengths: Lengths,
): { [Index in keyof Lengths]: Bytes } | undefined {
  if (bytes.length !== lengths.reduce((sum, length) => sum + length, 0)) return undefined;
  let at = 0;
  return lengths.map((length) => bytes.slice(at, (at += length))) as {
    [Index in keyof Lengths]: Bytes;
  };
}

/** Two lower-case hexadecimal digits for each byte. */
export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** So many bytes from the system's generator. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
