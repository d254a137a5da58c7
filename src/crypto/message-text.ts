import { utf8, type Bytes } from './bytes.ts';
import { Sfc1Error, type Sfc1Refusal } from './sfc1-error.ts';
import { TEXT } from './suite-labels.ts';

/** What a text may be (protocol.md, "send"), and its bytes. */

// With the `u` flag a surrogate matches only when it stands alone.
const MALFORMED = /[\p{Surrogate}\0]/u;

// A byte order mark is a character like any other: texts arrive exactly as they were sent.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Why a text cannot be sent; undefined when it can. */
export function refusalOfText(text: string): Sfc1Refusal | undefined {
  if (text === '') return 'text empty';
  if (MALFORMED.test(text)) return 'text malformed';
  return Array.from(text).length > TEXT.codePoints ? 'text too long' : undefined;
}

/**
 * A text as UTF-8, at most 560 bytes.
 *
 * @throws {Sfc1Error} when it may not be sent.
 */
export function encodeText(text: string): Bytes {
  const refusal = refusalOfText(text);
  if (refusal) throw new Sfc1Error(refusal);
  return utf8(text);
}

/** The text of UTF-8 bytes; undefined when nobody may have sent it. */
export function decodeText(bytes: Bytes): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return refusalOfText(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
