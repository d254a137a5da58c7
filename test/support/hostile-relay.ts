import {
  beginHandshake,
  generateCode,
  openSecureChat,
  receiveMessage,
  sendText,
  type Role,
  type SecureChat,
  type Step,
  type WordNumbers,
} from '../../src/crypto/index.ts';
import { otherRole } from '../../src/crypto/derivations.ts';

/**
 * What a hostile server does with user messages. No transport: a test puts a meddler where messages pass,
 * between two states, in a proxy or in a server of its own.
 */

/** A user message on its way to one participant. */
export interface Passing {
  readonly to: Role;
  readonly msg: string;
}

/** Answers what is delivered in a message's place, in this order. */
export type Meddler = (passing: Passing) => readonly Passing[] | Promise<readonly Passing[]>;

/** Which messages a meddler is after. */
export type Target = (passing: Passing) => boolean;

/** Messages of one kind: `c` commitment, `k` key, `r` restart, `m` envelope. */
export const ofKind =
  (kind: 'c' | 'k' | 'r' | 'm'): Target =>
  ({ msg }) =>
    msg.startsWith(`sfc1.${kind}.`);

const PREFIX_LENGTH = 'sfc1.m.'.length;

/** What a message carries. */
export function payloadOf(msg: string): Buffer {
  return Buffer.from(msg.slice(PREFIX_LENGTH), 'base64url');
}

/** The message with other content. */
export function withPayload(msg: string, payload: Uint8Array): string {
  return msg.slice(0, PREFIX_LENGTH) + Buffer.from(payload).toString('base64url');
}

/** The message with one bit changed, counted from the first of what it carries. */
export function flipBit(msg: string, bit: number): string {
  const payload = payloadOf(msg);
  const at = Math.floor(bit / 8) % payload.length;
  payload[at]! ^= 1 << (bit % 8);
  return withPayload(msg, payload);
}

export const honest: Meddler = (passing) => [passing];

/** Changes one bit of each target. */
export const altering =
  (target: Target, bit: () => number): Meddler =>
  (passing) => [target(passing) ? { ...passing, msg: flipBit(passing.msg, bit()) } : passing];

export const dropping =
  (target: Target): Meddler =>
  (passing) =>
    target(passing) ? [] : [passing];

/** Delivers each target so many times in all. */
export const replaying =
  (target: Target, times: number): Meddler =>
  (passing) =>
    Array.from({ length: target(passing) ? times : 1 }, () => passing);

/** Holds each target back until after the next message to the same participant. */
export function reordering(target: Target): Meddler {
  let held: Passing | undefined;
  return (passing) => {
    if (held?.to === passing.to) {
      const late = held;
      held = undefined;
      return [passing, late];
    }
    if (held || !target(passing)) return [passing];
    held = passing;
    return [];
  };
}

/** Hands each target also to the one who sent it. */
export const reflecting =
  (target: Target): Meddler =>
  (passing) =>
    target(passing) ? [{ ...passing, to: otherRole(passing.to) }, passing] : [passing];

/** Puts a public key of its own in the place of each one, and leaves the rest as it is. */
export function swappingKeys(publicKey: Uint8Array): Meddler {
  return (passing) => {
    if (!ofKind('k')(passing)) return [passing];
    const payload = payloadOf(passing.msg);
    payload.set(publicKey);
    return [{ ...passing, msg: withPayload(passing.msg, payload) }];
  };
}

/** Steps that begin a handshake, made by somebody who does not know the code. */
export function forgedRestarts(random: (length: number) => Uint8Array): readonly Passing[] {
  const forged = (kind: string, length: number) =>
    withPayload(`sfc1.${kind}.`, Buffer.from(random(length)));
  return [
    { to: 'creator', msg: forged('r', 48) },
    { to: 'joiner', msg: forged('c', 32) },
  ];
}

/** Whoever answers both participants in the other's place. */
export interface Middle {
  readonly meddler: Meddler;
  /** Every text that it could read. */
  readonly read: string[];
  /** The words of its handshakes with both, as far as they were completed. */
  words(): { readonly creator: WordNumbers | undefined; readonly joiner: WordNumbers | undefined };
}

/**
 * A server that plays the joiner for the creator and the creator for the joiner, and hands on the texts.
 *
 * @param code the code that it got hold of; without one it guesses.
 */
export async function inTheMiddle(chatToken: string, code?: string): Promise<Middle> {
  const guess = code ?? generateCode();
  // It always knows the chat token, whatever its code would give.
  const towards: Record<Role, SecureChat> = {
    creator: { ...(await openSecureChat('joiner', guess)), chatToken },
    joiner: { ...(await openSecureChat('creator', guess)), chatToken },
  };
  const read: string[] = [];

  const keep = (to: Role, step: Step): readonly Passing[] => {
    towards[to] = step.state;
    return step.outgoing.map((msg) => ({ to, msg }));
  };

  return {
    read,
    words: () => ({
      creator: towards.creator.current?.words,
      joiner: towards.joiner.current?.words,
    }),
    async meddler({ to, msg }) {
      const from = otherRole(to);
      const step = await receiveMessage(towards[from], msg);
      const passed = [...keep(from, step)];
      if (ofKind('c')({ to, msg })) passed.push(...keep(to, await beginHandshake(towards[to])));
      for (const event of step.events) {
        if (event.type !== 'text') continue;
        read.push(event.text);
        if (towards[to].current) passed.push(...keep(to, await sendText(towards[to], event.text)));
      }
      return passed;
    },
  };
}
