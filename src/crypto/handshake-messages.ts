import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { concat, split, type Bytes } from './bytes.ts';
import { PREFIX, SIZE } from './suite-labels.ts';

/** The messages of a handshake, as text and as values (encryption.md, "Handshake"). */
export type HandshakeMessage =
  | { readonly step: 'commit'; readonly commit: Bytes }
  | { readonly step: 'joiner key'; readonly publicKey: Bytes; readonly mac: Bytes }
  | {
      readonly step: 'creator key';
      readonly publicKey: Bytes;
      readonly nonce: Bytes;
      readonly mac: Bytes;
    }
  | { readonly step: 'restart'; readonly nonce: Bytes; readonly mac: Bytes };

/** The beginning is right and the rest is not. */
export interface MalformedMessage {
  readonly step: 'malformed';
  readonly prefix: string;
}

export function encodeHandshakeMessage(message: HandshakeMessage): string {
  switch (message.step) {
    case 'commit':
      return PREFIX.commit + encodeBase64url(message.commit);
    case 'joiner key':
      return PREFIX.key + encodeBase64url(concat(message.publicKey, message.mac));
    case 'creator key':
      return PREFIX.key + encodeBase64url(concat(message.publicKey, message.nonce, message.mac));
    case 'restart':
      return PREFIX.restart + encodeBase64url(concat(message.nonce, message.mac));
  }
}

/** Undefined when the text begins like no step of a handshake. */
export function decodeHandshakeMessage(
  msg: string,
): HandshakeMessage | MalformedMessage | undefined {
  const prefix = [PREFIX.commit, PREFIX.key, PREFIX.restart].find((known) => msg.startsWith(known));
  if (prefix === undefined) return undefined;
  const bytes = decodeBase64url(msg.slice(prefix.length));
  return (bytes && fromBytes(prefix, bytes)) ?? { step: 'malformed', prefix };
}

function fromBytes(prefix: string, bytes: Bytes): HandshakeMessage | undefined {
  switch (prefix) {
    case PREFIX.commit:
      return bytes.length === SIZE.hash ? { step: 'commit', commit: bytes } : undefined;
    case PREFIX.restart: {
      const parts = split(bytes, [SIZE.nonce, SIZE.mac]);
      return parts && { step: 'restart', nonce: parts[0], mac: parts[1] };
    }
    default:
      return joinerKey(bytes) ?? creatorKey(bytes);
  }
}

function joinerKey(bytes: Bytes): HandshakeMessage | undefined {
  const parts = split(bytes, [SIZE.publicKey, SIZE.mac]);
  return parts && { step: 'joiner key', publicKey: parts[0], mac: parts[1] };
}

function creatorKey(bytes: Bytes): HandshakeMessage | undefined {
  const parts = split(bytes, [SIZE.publicKey, SIZE.nonce, SIZE.mac]);
  return parts && { step: 'creator key', publicKey: parts[0], nonce: parts[1], mac: parts[2] };
}
