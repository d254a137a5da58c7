import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { concat, randomBytes, split, type Bytes } from './bytes.ts';
import type { Role } from './derivations.ts';
import { decodeFrame, encodeFrame, type Frame, type OwnFrame } from './frame.ts';
import { decrypt, encrypt, type Key } from './primitives.ts';
import { ENVELOPE, ENVELOPE_LABEL, PREFIX } from './suite-labels.ts';

/** A frame under way: `msg` of 898 characters, whatever it says (encryption.md, "Message"). */

/** Where an envelope belongs; it opens nowhere else. */
export interface Route {
  readonly chatToken: string;
  readonly sender: Role;
}

function associatedData({ chatToken, sender }: Route): Bytes {
  return concat(ENVELOPE_LABEL, chatToken, sender);
}

/** @throws {Sfc1Error} when the text may not be sent. */
export async function sealFrame(key: Key, route: Route, frame: OwnFrame): Promise<string> {
  const iv = randomBytes(ENVELOPE.iv);
  const sealed = await encrypt(key, iv, associatedData(route), encodeFrame(frame));
  return PREFIX.envelope + encodeBase64url(concat(iv, sealed));
}

/** The first frame that one of the keys opens, and its place among the keys; undefined when none does. */
export async function openFrame(
  keys: readonly Key[],
  route: Route,
  envelope: string,
): Promise<{ readonly frame: Frame; readonly keyIndex: number } | undefined> {
  const parts = split(decodeBase64url(envelope.slice(PREFIX.envelope.length)) ?? new Uint8Array(), [
    ENVELOPE.iv,
    ENVELOPE.frame + ENVELOPE.tag,
  ]);
  if (!parts) return undefined;
  for (const [keyIndex, key] of keys.entries()) {
    const opened = await decrypt(key, parts[0], associatedData(route), parts[1]);
    const frame = opened && decodeFrame(opened);
    if (frame) return { frame, keyIndex };
  }
  return undefined;
}
