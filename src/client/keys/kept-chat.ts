import {
  generateSealingKey,
  openSecureChat,
  type HandshakeMemory,
  type Key,
  type Role,
  type SecureChat,
  type SentText,
} from '../../crypto/index.ts';
import type { OutgoingMessage } from '../../protocol.ts';

/** An envelope that the server has not accepted yet; `sent` names the text in it, if there is one. */
export interface SealedMessage extends OutgoingMessage {
  readonly sent?: SentText;
}

/** What a browser keeps of one encrypted chat (encryption.md, "Keys in the browser"). */
export interface KeptChat {
  readonly state: SecureChat;
  /** Seals what the tab keeps for itself. */
  readonly sealingKey: Key;
  /** The invitation code, for showing it: only until the talker has joined. */
  readonly code: string | undefined;
  readonly outbox: readonly SealedMessage[];
  /** What the newest messages said, sealed: they may come again before it was shown. */
  readonly unshown: string | undefined;
  /** The epoch whose words the person has compared. */
  readonly compared: number | undefined;
  /** From when on all of this is to be deleted, in milliseconds since the epoch. */
  readonly endsAt: number;
}

/** The keeper of one chat. All tabs of a browser that have the chat share it. */
export interface Vault {
  /** Undefined when there is nothing (any more). */
  read(): Promise<KeptChat | undefined>;
  /**
   * Replaces what is kept, in one transaction with looking at it.
   *
   * @param change answers undefined to leave it as it is; runs in the transaction, so it cannot wait.
   * @returns what was stored; undefined when nothing was.
   */
  update(change: (kept: KeptChat) => KeptChat | undefined): Promise<KeptChat | undefined>;
  remove(): Promise<void>;
}

/** A chat that somebody was just let into. */
export interface NewChat {
  readonly role: Role;
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/**
 * What there is to keep at the beginning.
 *
 * @param memory what was kept when the keys were lost.
 */
export async function openKeptChat(chat: NewChat, memory?: HandshakeMemory): Promise<KeptChat> {
  const { role, code, endsAt } = chat;
  return {
    state: await openSecureChat(role, code, memory),
    sealingKey: await generateSealingKey(),
    code: role === 'creator' ? code : undefined,
    outbox: [],
    unshown: undefined,
    compared: undefined,
    endsAt,
  };
}
