import { concat, hex, utf8, type Bytes } from './bytes.ts';
import { isEncryptedCode } from './codes.ts';
import {
  agree,
  deriveAesKey,
  deriveBytes,
  deriveHmacKey,
  hmac,
  importKeyMaterial,
  sha256,
  type Key,
} from './primitives.ts';
import { Sfc1Error } from './sfc1-error.ts';
import { INVITATION, LABEL, SIZE, WORDS_INFO } from './suite-labels.ts';
import { wordNumbers, type WordNumbers } from './word-numbers.ts';

/** Everything that is computed from the code and from a handshake (encryption.md). */

export type Role = 'creator' | 'joiner';

/** The other participant. */
export function otherRole(role: Role): Role {
  return role === 'creator' ? 'joiner' : 'creator';
}

/** What a code stands for ("Invitation"). */
export interface InvitationSecrets {
  /** 24 lower-case hexadecimal characters; the server knows it. */
  readonly chatToken: string;
  /** K: an HMAC key that the server never sees. */
  readonly invitationKey: Key;
}

/** @throws {Sfc1Error} `no code` when it is not the code of an encrypted chat. */
export async function deriveInvitation(code: string): Promise<InvitationSecrets> {
  if (!isEncryptedCode(code)) throw new Sfc1Error('no code');
  const { salt, chatTokenInfo, chatTokenBytes, keyInfo, keyBits } = INVITATION;
  const material = await importKeyMaterial(utf8(code));
  const context = (info: string) => ({ salt: utf8(salt), info: utf8(info) });
  return {
    chatToken: hex(await deriveBytes(material, context(chatTokenInfo), chatTokenBytes)),
    invitationKey: await deriveHmacKey(material, context(keyInfo), keyBits),
  };
}

/** What the creator binds itself to before it sees the joiner's key ("Handshake", step 1). */
export function commitment(creatorKey: Bytes, nonce: Bytes): Promise<Bytes> {
  return sha256(concat(LABEL.commit, creatorKey, nonce));
}

/** What the joiner authenticates ("Handshake", step 2). */
export function joinerKeyInput(commit: Bytes, joinerKey: Bytes): Bytes {
  return concat(LABEL.joinerKey, commit, joinerKey);
}

/** The public values of one handshake. */
export interface Exchanged {
  readonly commit: Bytes;
  readonly joinerKey: Bytes;
  readonly creatorKey: Bytes;
  readonly nonce: Bytes;
}

/** What the creator authenticates ("Handshake", step 3). */
export function creatorKeyInput({ commit, joinerKey, creatorKey, nonce }: Exchanged): Bytes {
  return concat(LABEL.creatorKey, commit, joinerKey, creatorKey, nonce);
}

/** What a joiner who lost the keys authenticates ("Handshake", restart). */
export function restartInput(chatToken: string, nonce: Bytes): Bytes {
  return concat(LABEL.restart, chatToken, nonce);
}

/** T: what both have seen of a handshake ("Handshake"). */
export function transcript(chatToken: string, exchanged: Exchanged): Promise<Bytes> {
  const { commit, joinerKey, creatorKey, nonce } = exchanged;
  return sha256(concat(LABEL.transcript, chatToken, commit, joinerKey, creatorKey, nonce));
}

/** What a handshake gives to one participant. */
export interface SessionKeys {
  readonly sendKey: Key;
  readonly receiveKey: Key;
  readonly words: WordNumbers;
}

/** Derives the keys of a handshake ("Handshake"). */
export async function deriveSessionKeys(
  own: { readonly role: Role; readonly privateKey: Key },
  talkerKey: Key,
  { chatToken, invitationKey }: InvitationSecrets,
  exchanged: Exchanged,
): Promise<SessionKeys> {
  const seen = await transcript(chatToken, exchanged);
  const salt = await hmac(invitationKey, concat(LABEL.keys, seen));
  const material = await agree(own.privateKey, talkerKey);
  const context = (info: string) => ({ salt, info: utf8(info) });
  return {
    sendKey: await deriveAesKey(material, context(own.role), 'encrypt'),
    receiveKey: await deriveAesKey(material, context(otherRole(own.role)), 'decrypt'),
    words: wordNumbers(await deriveBytes(material, context(WORDS_INFO), SIZE.hash)),
  };
}
