/**
 * End-to-end encryption of a chat, suite `sfc1` (encryption.md), on WebCrypto alone: the same module in
 * the browser and in Node. The words to compare are in `words.ts`, which brings their list along.
 */
export {
  findInvitations,
  formatCode,
  generateCode,
  invitationLink,
  parseInvitation,
  type Invitation,
} from './codes.ts';
export { deriveInvitation, type InvitationSecrets, type Role } from './derivations.ts';
export { refusalOfText } from './message-text.ts';
export { hasWebCrypto, type Key } from './primitives.ts';
export { generateSealingKey, seal, unseal } from './sealing.ts';
export {
  openSecureChat,
  statusOf,
  type HandshakeFailure,
  type HandshakeMemory,
  type Refusal,
  type SecureChat,
  type SecureEvent,
  type Step,
} from './secure-chat.ts';
export { sendText, type SentText } from './sending.ts';
export { Sfc1Error, type Sfc1Refusal } from './sfc1-error.ts';
export { beginHandshake, receiveMessage } from './steps.ts';
export type { WordNumbers } from './word-numbers.ts';
