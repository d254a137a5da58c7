import { decodeHandshakeMessage } from './handshake-messages.ts';
import { receiveHandshake, startHandshake } from './handshake.ts';
import { receiveEnvelope } from './receiving.ts';
import { refused, type SecureChat, type Step } from './secure-chat.ts';
import { PREFIX, SUITE_PREFIX } from './suite-labels.ts';

/** The inputs of an encrypted chat beside texts, which are in `sending.ts`. */

/**
 * Begins a handshake: the creator when the joiner is there, either one after the keys were lost or a
 * handshake failed. Keys in use stay in use until it is complete.
 *
 * @throws {Sfc1Error} `handshake limit` after five in one chat.
 */
export async function beginHandshake(state: SecureChat): Promise<Step> {
  return revised(state, await startHandshake(state));
}

/** Takes a user message of the talker as it arrived. System messages do not belong here. */
export async function receiveMessage(state: SecureChat, msg: string): Promise<Step> {
  return revised(state, await dispatch(state, msg));
}

async function dispatch(state: SecureChat, msg: string): Promise<Step> {
  if (msg.startsWith(PREFIX.envelope)) return receiveEnvelope(state, msg);
  const message = decodeHandshakeMessage(msg);
  if (message) return receiveHandshake(state, message);
  return refused(state, msg.startsWith(SUITE_PREFIX) ? 'unknown kind' : 'not encrypted');
}

function revised(before: SecureChat, step: Step): Step {
  if (step.state === before) return step;
  return { ...step, state: { ...step.state, revision: before.revision + 1 } };
}
