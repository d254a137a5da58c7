import { spawnSync } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deriveInvitation, openSecureChat, type SecureChat } from '../../../src/crypto/index.ts';
import { decodeFrame, encodeFrame } from '../../../src/crypto/frame.ts';
import { restartInput, transcript } from '../../../src/crypto/derivations.ts';
import { hmac, type Key } from '../../../src/crypto/primitives.ts';
import { payloadOf } from '../../support/hostile-relay.ts';
import { Participant } from '../../support/secure-pair.ts';

interface Vector {
  readonly code: string;
  readonly chatToken: string;
  readonly invitationKey: string;
  readonly handshake: {
    readonly creatorPrivate: string;
    readonly creatorPublic: string;
    readonly joinerPrivate: string;
    readonly joinerPublic: string;
    readonly nonce: string;
    readonly commit: string;
    readonly transcript: string;
    readonly creatorKey: string;
    readonly joinerKey: string;
    readonly wordNumbers: readonly number[];
    readonly steps: readonly string[];
    readonly restart: string;
    readonly envelopes: readonly {
      readonly direction: string;
      readonly type: number;
      readonly sequence: number;
      readonly received: number;
      readonly text: string;
      readonly frame: string;
      readonly msg: string;
    }[];
  };
}

const vectors = JSON.parse(
  readFileSync(path.resolve('test/unit/crypto/vectors.json'), 'utf8'),
) as Vector[];

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

/** A fixed private key, not exportable, as the module makes them. */
function privateKey(scalar: string, point: string): Promise<Key> {
  const [x, y] = [point.slice(2, 66), point.slice(66)];
  const [d64, x64, y64] = [scalar, x, y].map((part) =>
    Buffer.from(part, 'hex').toString('base64url'),
  );
  const jwk = { kty: 'EC', crv: 'P-256', d: d64!, x: x64!, y: y64! };
  return crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, [
    'deriveBits',
  ]);
}

/** The creator after step 1 and the joiner after step 2 of a vector. */
async function underWay({
  code,
  handshake,
}: Vector): Promise<Record<'creator' | 'joiner', Participant>> {
  const commit = bytes(handshake.commit);
  const memory = {
    commits: [payloadOf(handshake.steps[0]!).toString('base64url')],
    restarts: [],
    completed: 0,
  };
  const state = async (role: 'creator' | 'joiner', way: SecureChat['underWay']) =>
    new Participant({ ...(await openSecureChat(role, code, memory)), underWay: way });
  return {
    creator: await state('creator', {
      step: 'committed',
      commit,
      nonce: bytes(handshake.nonce),
      publicKey: bytes(handshake.creatorPublic),
      privateKey: await privateKey(handshake.creatorPrivate, handshake.creatorPublic),
    }),
    joiner: await state('joiner', {
      step: 'answered',
      commit,
      publicKey: bytes(handshake.joinerPublic),
      privateKey: await privateKey(handshake.joinerPrivate, handshake.joinerPublic),
    }),
  };
}

/** What Node's own AES-GCM finds in an envelope. */
function decrypted(msg: string, key: string, associated: string): string {
  const payload = payloadOf(msg);
  const decipher = createDecipheriv('aes-256-gcm', bytes(key), payload.subarray(0, 12))
    .setAAD(Buffer.from(associated))
    .setAuthTag(payload.subarray(-16));
  return hex(Buffer.concat([decipher.update(payload.subarray(12, -16)), decipher.final()]));
}

test('the vectors are what the document says, computed without this module', () => {
  const script = path.resolve('test/support/make-crypto-vectors.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the first vector is the example of the document', () => {
  expect(vectors[0]).toMatchObject({
    code: 'g0123456789abcdefghjkmnp',
    chatToken: 'ca7e2e12919d5acb37029391',
    invitationKey: 'eee44899ee3e6a57e88d3c0d07aa6f896d64770dfb75783d8244cf5e9eb6a6ab',
  });
});

describe.each(vectors)('the vector of $code', (vector) => {
  const { code, chatToken, handshake } = vector;
  const [creatorHello, joinerHello, joinerText, creatorText] = handshake.envelopes;

  test('has this chat token and this invitation key', async () => {
    const derived = await deriveInvitation(code);
    expect(derived.chatToken).toBe(chatToken);
    // The key itself cannot be exported; what it authenticates tells which one it is.
    const restart = payloadOf(handshake.restart);
    const input = restartInput(chatToken, new Uint8Array(restart.subarray(0, 16)));
    expect(hex(await hmac(derived.invitationKey, input))).toBe(hex(restart.subarray(16)));
  });

  test('has this transcript', async () => {
    const exchanged = {
      commit: bytes(handshake.commit),
      joinerKey: bytes(handshake.joinerPublic),
      creatorKey: bytes(handshake.creatorPublic),
      nonce: bytes(handshake.nonce),
    };
    expect(hex(await transcript(chatToken, exchanged))).toBe(handshake.transcript);
  });

  test('the creator answers step 2 with step 3 and a hello', async () => {
    const { creator } = await underWay(vector);
    const [reveal, hello, ...more] = await creator.take(handshake.steps[1]!);
    expect(reveal).toBe(handshake.steps[2]);
    expect(decrypted(hello!, handshake.creatorKey, `sfc1.m${chatToken}creator`)).toBe(
      creatorHello!.frame,
    );
    expect(more).toEqual([]);
  });

  test('the joiner answers step 3 with a hello', async () => {
    const { joiner } = await underWay(vector);
    const [hello, ...more] = await joiner.take(handshake.steps[2]!);
    expect(decrypted(hello!, handshake.joinerKey, `sfc1.m${chatToken}joiner`)).toBe(
      joinerHello!.frame,
    );
    expect(more).toEqual([]);
  });

  test('both open what the other sends and see these words', async () => {
    const { creator, joiner } = await underWay(vector);
    await creator.take(handshake.steps[1]!);
    await joiner.take(handshake.steps[2]!);
    await joiner.take(creatorHello!.msg);
    await joiner.take(creatorText!.msg);
    await creator.take(joinerHello!.msg);
    await creator.take(joinerText!.msg);
    const secured = { type: 'secured', epoch: 1, words: handshake.wordNumbers, again: false };
    expect(joiner.events).toEqual([
      secured,
      { type: 'text', epoch: 1, sequence: 1, text: creatorText!.text, late: false },
      { type: 'confirmed', epoch: 1, received: 1 },
    ]);
    expect(creator.events).toEqual([
      secured,
      { type: 'text', epoch: 1, sequence: 1, text: joinerText!.text, late: false },
      { type: 'confirmed', epoch: 1, received: 1 },
    ]);
  });

  test('the creator answers the restart with step 1', async () => {
    const creator = new Participant(await openSecureChat('creator', code));
    expect(await creator.take(handshake.restart)).toEqual([expect.stringMatching(/^sfc1\.c\./)]);
  });

  test.each(handshake.envelopes)(
    'frame $sequence of the $direction has this layout',
    (envelope) => {
      const { type, frame, direction: _direction, msg: _msg, text, ...numbers } = envelope;
      const content = type === 0 ? ({ type: 'hello' } as const) : ({ type: 'text', text } as const);
      expect(hex(encodeFrame({ ...content, ...numbers }))).toBe(frame);
      expect(decodeFrame(bytes(frame))).toEqual({ ...content, ...numbers });
    },
  );
});
