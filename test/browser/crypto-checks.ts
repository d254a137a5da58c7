import {
  deriveInvitation,
  generateCode,
  openSecureChat,
  receiveMessage,
} from '../../src/crypto/index.ts';
import { inTheMiddle } from '../support/hostile-relay.ts';
import { SecurePair } from '../support/secure-pair.ts';

/** Properties of src/crypto, to be bundled and run in a browser (encryption.md, "Tests that belong to it"). */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const PREFIX = 'sfc1.m.'.length;

/** Changes one bit of one character of the payload; never the bits that are padding. */
function flipBit(envelope: string, nth: number): string {
  const at = PREFIX + (nth % (envelope.length - PREFIX - 1));
  const value = DIGITS.indexOf(envelope.charAt(at)) ^ (1 << (nth % 6));
  return envelope.slice(0, at) + DIGITS.charAt(value) + envelope.slice(at + 1);
}

/** The chat token that the document names for its code. */
export async function derivedChatToken(): Promise<string> {
  return (await deriveInvitation('g0123456789abcdefghjkmnp')).chatToken;
}

/** Lengths of the envelopes, and how many texts did not arrive as they were. */
export async function roundTrips(count: number): Promise<{ lengths: number[]; wrong: number }> {
  const pair = await SecurePair.secured();
  const lengths = new Set<number>();
  let wrong = 0;
  for (let index = 0; index < count; index += 1) {
    const text = '😀é'.repeat(index % 60) + String(index);
    const { envelope } = await pair.seal('creator', text);
    lengths.add(envelope.length);
    await pair.post('creator', [envelope]);
    if (pair.joiner.texts().at(-1) !== text) wrong += 1;
  }
  return { lengths: [...lengths], wrong };
}

/** How many of so many changed envelopes were accepted. */
export async function acceptedFlips(count: number): Promise<number> {
  const pair = await SecurePair.secured();
  const { envelope } = await pair.seal('creator', 'Hi');
  let accepted = 0;
  for (let nth = 0; nth < count; nth += 1) {
    const { events } = await receiveMessage(pair.joiner.state, flipBit(envelope, nth));
    accepted += events.some(({ type }) => type !== 'unreadable') ? 1 : 0;
  }
  return accepted;
}

/** How many events so many repeats of one envelope are. */
export async function eventsOfReplays(count: number): Promise<number> {
  const pair = await SecurePair.secured();
  const { envelope } = await pair.seal('creator', 'Hi');
  await pair.post('creator', [envelope]);
  const before = pair.joiner.events.length;
  await pair.post('creator', Array<string>(count).fill(envelope));
  return pair.joiner.events.length - before;
}

/** Of so many servers in the middle: how many read a text, or had both see the same words. */
export async function successesInTheMiddle(count: number, withCode: boolean): Promise<number> {
  let successes = 0;
  for (let run = 0; run < count; run += 1) {
    const code = generateCode();
    const { chatToken } = await openSecureChat('creator', code);
    const pair = await SecurePair.invited(code);
    const middle = await inTheMiddle(chatToken, withCode ? code : undefined);
    pair.meddler = middle.meddler;
    await pair.begin('creator');
    const [one, other] = [pair.creator.state.current, pair.joiner.state.current];
    const isFooled = withCode ? one?.words.join() === other?.words.join() : (one ?? other);
    successes += isFooled || middle.read.length > 0 ? 1 : 0;
  }
  return successes;
}
