import { deriveInvitation, type InvitationSecrets, type Role } from './derivations.ts';
import type { Bytes } from './bytes.ts';
import { NOTHING_OPENED, type OpenedSequences, type SequenceRange } from './opened-sequences.ts';
import type { SessionKeys } from './derivations.ts';
import type { Key } from './primitives.ts';
import type { WordNumbers } from './word-numbers.ts';

/**
 * What one participant knows of one encrypted chat. Plain data and CryptoKeys that cannot be exported, so
 * that IndexedDB takes it as it is; never changed, always replaced.
 *
 * Every step is a function of the state and one input. Whoever keeps the state stores the result, the new
 * state together with its outgoing messages, in one transaction, and only if the stored `revision` is
 * still that of the state before; otherwise another tab was faster, and the step is made again from what
 * is stored now. A received message is acknowledged after that, whatever the step says about it.
 */
export interface SecureChat extends InvitationSecrets {
  readonly role: Role;
  /** Grows with every change. */
  readonly revision: number;
  readonly memory: HandshakeMemory;
  /** A handshake whose keys are not there yet. */
  readonly underWay: UnderWay | undefined;
  /** Keys that the talker has not proved to have. */
  readonly unconfirmed: Epoch | undefined;
  /** The keys in use. */
  readonly current: Epoch | undefined;
  /** Earlier keys, for opening what was under way, newest first. */
  readonly earlier: readonly EarlierEpoch[];
  /** Why there is no chat; `beginHandshake` tries again. */
  readonly failure: HandshakeFailure | undefined;
}

/**
 * Public values that outlive the keys: whoever cannot keep keys keeps at least these beside the code, or a
 * late answer to a handshake that a reload cut off would look like a forgery.
 */
export interface HandshakeMemory {
  /** Every commitment of this chat, base64url, oldest first; the number of handshakes begun. */
  readonly commits: readonly string[];
  /** The random bytes of every restart that was answered, base64url. */
  readonly restarts: readonly string[];
  /** How many handshakes were completed. */
  readonly completed: number;
}

export type UnderWay =
  | {
      /** The creator has committed itself and waits for the joiner's key. */
      readonly step: 'committed';
      readonly commit: Bytes;
      readonly publicKey: Bytes;
      readonly privateKey: Key;
      readonly nonce: Bytes;
    }
  | {
      /** The joiner has answered with its key and waits for the creator's. */
      readonly step: 'answered';
      readonly commit: Bytes;
      readonly publicKey: Bytes;
      readonly privateKey: Key;
    };

/** The keys of one handshake and what was sent and received with them. */
export interface Epoch extends SessionKeys {
  /** Which handshake of the chat it was, from 1. A "verified" that the user sets belongs to one epoch. */
  readonly number: number;
  /** How many frames were made: the next one's sequence. */
  readonly sent: number;
  /** How many of them the talker has confirmed. */
  readonly confirmed: number;
  readonly opened: OpenedSequences;
}

export type EarlierEpoch = Omit<Epoch, 'sendKey'>;

/** Why a handshake ended; a page translates these. */
export type HandshakeFailure =
  /** The creator's key is not the one it had committed itself to. */
  | 'wrong commitment'
  /** The other side does not know the code, or a step was changed on its way. */
  | 'wrong authentication'
  /** The other side's public key is not a point on the curve. */
  | 'wrong public key'
  /** A step has not the form that it must have. */
  | 'malformed step'
  /** Five have begun in this chat. */
  | 'too many handshakes';

/** Why a received message was not taken for what it claims to be. */
export type Refusal =
  /** Plain user text in an encrypted chat. */
  | 'not encrypted'
  /** It begins like a message of this suite, but no such kind is known. */
  | 'unknown kind'
  /** A step of a handshake that nobody waits for. */
  | 'unexpected step'
  /** A restart that nobody made who knows the code. */
  | 'forged restart'
  /** A new handshake would be one too many; the keys in use stay. */
  | 'too many handshakes';

/** What happened, in the order in which a person should learn of it. */
export type SecureEvent =
  /**
   * A handshake is complete: the talker has proved to have the keys, texts can be sent. `again`: it is not
   * the first one in this chat; "verified" and the sequences are reset.
   */
  | {
      readonly type: 'secured';
      readonly epoch: number;
      readonly words: WordNumbers;
      readonly again: boolean;
    }
  /** A handshake ended. `final`: there are no other keys, so there is no chat. */
  | {
      readonly type: 'handshake failed';
      readonly reason: HandshakeFailure;
      readonly final: boolean;
    }
  /** A text of the talker. `late`: its place was reported as missing before. */
  | {
      readonly type: 'text';
      readonly epoch: number;
      readonly sequence: number;
      readonly text: string;
      readonly late: boolean;
    }
  /** Frames that should have come before the next event; the gap's place is here. */
  | ({ readonly type: 'missing'; readonly epoch: number } & SequenceRange)
  /** The talker has opened the own frames with sequences below `received`. */
  | { readonly type: 'confirmed'; readonly epoch: number; readonly received: number }
  /** A message could not be read: changed, made up, or made for keys that are lost. */
  | { readonly type: 'unreadable' }
  | { readonly type: 'refused'; readonly reason: Refusal };

/** What comes of an input. */
export interface Step {
  readonly state: SecureChat;
  /** Messages for the talker, in this order. */
  readonly outgoing: readonly string[];
  readonly events: readonly SecureEvent[];
}

const NOTHING_REMEMBERED: HandshakeMemory = { commits: [], restarts: [], completed: 0 };

/**
 * The beginning of a chat, from its code. The creator calls `beginHandshake` when the joiner is there. So
 * does, on either side, whoever has lost the keys and opens the chat again.
 *
 * @param memory what was kept when the keys were lost.
 * @throws {Sfc1Error} `no code` when it is not the code of an encrypted chat.
 */
export async function openSecureChat(
  role: Role,
  code: string,
  memory: HandshakeMemory = NOTHING_REMEMBERED,
): Promise<SecureChat> {
  return {
    ...(await deriveInvitation(code)),
    role,
    revision: 0,
    memory,
    underWay: undefined,
    unconfirmed: undefined,
    current: undefined,
    earlier: [],
    failure: undefined,
  };
}

/** What the chat is: texts can be sent, keys are being exchanged, or neither. */
export function statusOf(state: SecureChat): 'secured' | 'exchanging' | 'failed' {
  if (state.current) return 'secured';
  return state.failure ? 'failed' : 'exchanging';
}

/** Keys that nothing was sent with yet. */
export function newEpoch(number: number, keys: SessionKeys): Epoch {
  return { ...keys, number, sent: 0, confirmed: 0, opened: NOTHING_OPENED };
}

/** Nothing changed, nothing to say. */
export function unchanged(state: SecureChat): Step {
  return { state, outgoing: [], events: [] };
}

/** The message changes nothing, and the user learns why. */
export function refused(state: SecureChat, reason: Refusal): Step {
  return { state, outgoing: [], events: [{ type: 'refused', reason }] };
}
