/**
 * Every fixed string and size of the suite `sfc1` (encryption.md; each group names its section).
 * Strings stand in concatenations as ASCII.
 */

/** "Invitation": HKDF-SHA-256 of the code. */
export const INVITATION = {
  salt: 'sfc1',
  chatTokenInfo: 'chat token',
  chatTokenBytes: 12,
  keyInfo: 'invitation key',
  keyBits: 256,
} as const;

/** "Handshake" and "Message": what a `msg` of each kind begins with. */
export const PREFIX = {
  commit: 'sfc1.c.',
  key: 'sfc1.k.',
  restart: 'sfc1.r.',
  envelope: 'sfc1.m.',
} as const;

/** What every `msg` of the suite begins with. */
export const SUITE_PREFIX = 'sfc1.';

/** "Handshake": what is hashed and authenticated begins with one of these. */
export const LABEL = {
  commit: 'sfc1 commit',
  joinerKey: 'sfc1 joiner',
  creatorKey: 'sfc1 creator',
  restart: 'sfc1 restart',
  transcript: 'sfc1',
  keys: 'sfc1 keys',
} as const;

/** "Handshake": HKDF infos of a completed one; the other two are the roles, `creator` and `joiner`. */
export const WORDS_INFO = 'words';

/** "Handshake": sizes in bytes; a public key is an uncompressed P-256 point. */
export const SIZE = {
  publicKey: 65,
  nonce: 16,
  hash: 32,
  mac: 32,
} as const;

/** "Handshake": at most so many in one chat. */
export const MOST_HANDSHAKES = 5;

/** "Message": what the associated data of an envelope begins with. */
export const ENVELOPE_LABEL = 'sfc1.m';

/** "Message": sizes in bytes. */
export const ENVELOPE = { iv: 12, frame: 640, tag: 16 } as const;

/** "Message": 140 code points of text are at most 560 bytes (protocol.md, "send"). */
export const TEXT = { codePoints: 140, bytes: 560 } as const;

/** "Keys in the browser" leaves the form of sealed texts open; this names ours. */
export const SEALED_LABEL = 'sfc1 sealed ';
