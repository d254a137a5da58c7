import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { randomBytes, type Bytes } from './bytes.ts';
import {
  commitment,
  creatorKeyInput,
  deriveSessionKeys,
  joinerKeyInput,
  restartInput,
  type Exchanged,
} from './derivations.ts';
import {
  encodeHandshakeMessage,
  type HandshakeMessage,
  type MalformedMessage,
} from './handshake-messages.ts';
import { generateEphemeralKeys, hmac, importPublicKey, verifyHmac } from './primitives.ts';
import {
  newEpoch,
  refused,
  unchanged,
  type Epoch,
  type HandshakeFailure,
  type SecureChat,
  type Step,
  type UnderWay,
} from './secure-chat.ts';
import { sealNext } from './sending.ts';
import { Sfc1Error } from './sfc1-error.ts';
import { MOST_HANDSHAKES, PREFIX, SIZE } from './suite-labels.ts';

/**
 * The handshake (encryption.md, "Handshake"). Participants may lose their state at any point and begin
 * again, and the server may deliver twice, so a step can arrive that belongs to a handshake of before. It
 * is told from a forgery by its commitment, which is remembered, and changes nothing. For one commitment only one key is ever accepted
 * and only one answer ever given: who is in the middle has one try.
 */

type Received<S extends HandshakeMessage['step']> = Extract<HandshakeMessage, { step: S }>;

const handshakesLeft = ({ memory }: SecureChat) => memory.commits.length < MOST_HANDSHAKES;

/**
 * Begins a handshake, the first (creator only) or a new one after the keys were lost or a handshake
 * failed. Keys in use stay in use until it is complete.
 *
 * @throws {Sfc1Error} `handshake limit` after five in one chat.
 */
export async function startHandshake(state: SecureChat): Promise<Step> {
  if (!handshakesLeft(state)) throw new Sfc1Error('handshake limit');
  return state.role === 'creator' ? commitAnew(state) : askForRestart(state);
}

/** Takes a step that arrived. */
export async function receiveHandshake(
  state: SecureChat,
  message: HandshakeMessage | MalformedMessage,
): Promise<Step> {
  if (state.failure) return refused(state, 'unexpected step');
  if (message.step === 'malformed') return receiveMalformed(state, message);
  if (state.role === 'creator') {
    if (message.step === 'joiner key') return receiveJoinerKey(state, message);
    if (message.step === 'restart') return receiveRestart(state, message);
  } else {
    if (message.step === 'commit') return receiveCommit(state, message);
    if (message.step === 'creator key') return receiveCreatorKey(state, message);
  }
  const isAnswer = message.step === 'joiner key' || message.step === 'creator key';
  return isAnswer ? endUnderWay(state, 'malformed step') : refused(state, 'unexpected step');
}

function receiveMalformed(state: SecureChat, { prefix }: MalformedMessage): Step {
  if (prefix === PREFIX.key) return endUnderWay(state, 'malformed step');
  if (prefix === PREFIX.commit && state.role === 'joiner') return failed(state, 'malformed step');
  return refused(state, 'unexpected step');
}

/** Ends the handshake whose answer is wrong; without one under way, nobody waits for an answer. */
function endUnderWay(state: SecureChat, reason: HandshakeFailure): Step {
  return state.underWay ? failed(state, reason) : refused(state, 'unexpected step');
}

function failed(state: SecureChat, reason: HandshakeFailure): Step {
  const final = state.current === undefined && state.unconfirmed === undefined;
  return {
    state: { ...state, underWay: undefined, failure: final ? reason : undefined },
    outgoing: [],
    events: [{ type: 'handshake failed', reason, final }],
  };
}

/** The state with a handshake that begins with this commitment. */
function withUnderWay(state: SecureChat, underWay: UnderWay): SecureChat {
  const commits = [...state.memory.commits, encodeBase64url(underWay.commit)];
  return { ...state, underWay, failure: undefined, memory: { ...state.memory, commits } };
}

/** Step 1. */
async function commitAnew(state: SecureChat): Promise<Step> {
  const keys = await generateEphemeralKeys();
  const nonce = randomBytes(SIZE.nonce);
  const commit = await commitment(keys.publicKey, nonce);
  return {
    state: withUnderWay(state, { step: 'committed', commit, nonce, ...keys }),
    outgoing: [encodeHandshakeMessage({ step: 'commit', commit })],
    events: [],
  };
}

async function askForRestart(state: SecureChat): Promise<Step> {
  const nonce = randomBytes(SIZE.nonce);
  const mac = await hmac(state.invitationKey, restartInput(state.chatToken, nonce));
  return {
    state: { ...state, failure: undefined },
    outgoing: [encodeHandshakeMessage({ step: 'restart', nonce, mac })],
    events: [],
  };
}

async function receiveRestart(state: SecureChat, message: Received<'restart'>): Promise<Step> {
  const { nonce, mac } = message;
  const input = restartInput(state.chatToken, nonce);
  if (!(await verifyHmac(state.invitationKey, mac, input))) return refused(state, 'forged restart');
  const { memory } = state;
  const name = encodeBase64url(nonce);
  if (memory.restarts.includes(name)) return unchanged(state);
  if (!handshakesLeft(state)) return refused(state, 'too many handshakes');
  return commitAnew({ ...state, memory: { ...memory, restarts: [...memory.restarts, name] } });
}

/** Step 1 arrived: step 2. */
async function receiveCommit(state: SecureChat, { commit }: Received<'commit'>): Promise<Step> {
  if (state.memory.commits.includes(encodeBase64url(commit))) return unchanged(state);
  if (!handshakesLeft(state)) {
    const reason = 'too many handshakes';
    return state.underWay ? refused(state, reason) : failed(state, reason);
  }
  const keys = await generateEphemeralKeys();
  const mac = await hmac(state.invitationKey, joinerKeyInput(commit, keys.publicKey));
  return {
    state: withUnderWay(state, { step: 'answered', commit, ...keys }),
    outgoing: [encodeHandshakeMessage({ step: 'joiner key', publicKey: keys.publicKey, mac })],
    events: [],
  };
}

/** Step 2 arrived: step 3 and the hello. */
async function receiveJoinerKey(state: SecureChat, message: Received<'joiner key'>): Promise<Step> {
  const { underWay, invitationKey } = state;
  const { publicKey: joinerKey } = message;
  if (underWay?.step !== 'committed' || !(await answers(state, message, underWay.commit))) {
    return (await answersEarlierCommit(state, message))
      ? unchanged(state)
      : endUnderWay(state, 'wrong authentication');
  }
  const { commit, publicKey: creatorKey, nonce } = underWay;
  const exchanged = { commit, joinerKey, creatorKey, nonce };
  const epoch = await agreeOnKeys(state, underWay, joinerKey, exchanged);
  if (!epoch) return failed(state, 'wrong public key');
  const ownMac = await hmac(invitationKey, creatorKeyInput(exchanged));
  const reveal = { step: 'creator key', publicKey: creatorKey, nonce, mac: ownMac } as const;
  return withHello(state, epoch, [encodeHandshakeMessage(reveal)]);
}

/** Whether it is the answer, of somebody who knows the code, to this commitment. */
function answers(
  { invitationKey }: SecureChat,
  { publicKey, mac }: Received<'joiner key'>,
  commit: Bytes,
): Promise<boolean> {
  return verifyHmac(invitationKey, mac, joinerKeyInput(commit, publicKey));
}

async function answersEarlierCommit(
  state: SecureChat,
  message: Received<'joiner key'>,
): Promise<boolean> {
  const commits = state.memory.commits
    .map(decodeBase64url)
    .filter((commit) => commit !== undefined);
  const answered = await Promise.all(commits.map((commit) => answers(state, message, commit)));
  return answered.includes(true);
}

/** Step 3 arrived: the hello. */
async function receiveCreatorKey(
  state: SecureChat,
  message: Received<'creator key'>,
): Promise<Step> {
  const { underWay, invitationKey } = state;
  const { publicKey: creatorKey, nonce, mac } = message;
  const commit = await commitment(creatorKey, nonce);
  const name = encodeBase64url(commit);
  if (!underWay || encodeBase64url(underWay.commit) !== name) {
    return state.memory.commits.includes(name)
      ? unchanged(state)
      : endUnderWay(state, 'wrong commitment');
  }
  const exchanged = { commit, joinerKey: underWay.publicKey, creatorKey, nonce };
  if (!(await verifyHmac(invitationKey, mac, creatorKeyInput(exchanged)))) {
    return failed(state, 'wrong authentication');
  }
  const epoch = await agreeOnKeys(state, underWay, creatorKey, exchanged);
  return epoch ? withHello(state, epoch, []) : failed(state, 'wrong public key');
}

/** The keys of the handshake under way; undefined when the talker's key is no key. */
async function agreeOnKeys(
  state: SecureChat,
  { privateKey }: UnderWay,
  talkerPoint: Exchanged['joinerKey'],
  exchanged: Exchanged,
): Promise<Epoch | undefined> {
  const talkerKey = await importPublicKey(talkerPoint);
  if (!talkerKey) return undefined;
  const own = { role: state.role, privateKey };
  const keys = await deriveSessionKeys(own, talkerKey, state, exchanged);
  return newEpoch(state.memory.commits.length, keys);
}

/** New keys, and the first frame made with them; they are in use when the talker's first one opens. */
async function withHello(
  state: SecureChat,
  agreed: Epoch,
  outgoing: readonly string[],
): Promise<Step> {
  const { envelope, epoch } = await sealNext(state, agreed, { type: 'hello' });
  const replaced = state.unconfirmed ? [forOpening(state.unconfirmed)] : [];
  return {
    state: {
      ...state,
      underWay: undefined,
      unconfirmed: epoch,
      earlier: [...replaced, ...state.earlier],
    },
    outgoing: [...outgoing, envelope],
    events: [],
  };
}

/** The talker has proved to have the unconfirmed keys: the handshake is complete. */
export function completeHandshake(state: SecureChat, epoch: Epoch): Step {
  const { memory } = state;
  const before = state.current ? [forOpening(state.current)] : [];
  const { number, words } = epoch;
  return {
    state: {
      ...state,
      current: epoch,
      unconfirmed: undefined,
      earlier: [...before, ...state.earlier],
      memory: { ...memory, completed: memory.completed + 1 },
    },
    outgoing: [],
    events: [{ type: 'secured', epoch: number, words, again: memory.completed > 0 }],
  };
}

function forOpening({ sendKey: _dropped, ...epoch }: Epoch) {
  return epoch;
}
