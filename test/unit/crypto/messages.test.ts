import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { encodeBase64url } from '../../../src/crypto/base64url.ts';
import { concat, randomBytes, utf8 } from '../../../src/crypto/bytes.ts';
import { receiveMessage } from '../../../src/crypto/index.ts';
import { encrypt } from '../../../src/crypto/primitives.ts';
import {
  dropping,
  flipBit,
  honest,
  ofKind,
  payloadOf,
  reordering,
  withPayload,
  type Passing,
} from '../../support/hostile-relay.ts';
import { Participant, SecurePair } from '../../support/secure-pair.ts';

// Many runs on a busy machine take longer than the usual five seconds.
jest.setTimeout(60_000);

const anyText = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 140 })
  .filter((text) => !text.includes('\0'));

let pair: SecurePair;

beforeEach(async () => {
  pair = await SecurePair.secured();
  pair.creator.events.length = 0;
  pair.joiner.events.length = 0;
});

test('3,000 texts arrive as they were sent, each in a message of one length', async () => {
  const texts = fc.sample(anyText, 3_000);
  for (const [index, text] of texts.entries()) {
    const [from, to] =
      index % 2 === 0 ? (['creator', 'joiner'] as const) : (['joiner', 'creator'] as const);
    const { envelope } = await pair.seal(from, text);
    expect(envelope).toMatch(/^sfc1\.m\.[A-Za-z0-9_-]{891}$/);
    await pair.post(from, [envelope]);
    expect(pair[to].events.findLast(({ type }) => type === 'text')).toMatchObject({ text });
  }
  expect(pair.joiner.texts().length + pair.creator.texts().length).toBe(3_000);
});

test('one text sealed a thousand times never has the same IV', async () => {
  const ivs = new Set<string>();
  for (let run = 0; run < 1_000; run += 1) {
    const { envelope } = await pair.seal('creator', 'Hi');
    ivs.add(payloadOf(envelope).subarray(0, 12).toString('hex'));
  }
  expect(ivs.size).toBe(1_000);
});

test('of 10,000 messages with one bit changed none is accepted', async () => {
  const { envelope } = await pair.seal('creator', 'Hi');
  const bits = payloadOf(envelope).length * 8;
  const before = pair.joiner.state;
  let refused = 0;
  for (let run = 0; run < 10_000; run += 1) {
    const msg = flipBit(envelope, run < bits ? run : randomInt(bits));
    const { state, outgoing, events } = await receiveMessage(before, msg);
    if (state === before && outgoing.length === 0 && events[0]?.type === 'unreadable') refused += 1;
  }
  expect(refused).toBe(10_000);
  await pair.post('creator', [envelope]);
  expect(pair.joiner.texts()).toEqual(['Hi']);
});

test('a message has one spelling: bits that its base64url leaves over are not ignored', async () => {
  const { envelope } = await pair.seal('creator', 'Hi');
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
    const msg = envelope.slice(0, -1) + last;
    const { events } = await receiveMessage(pair.joiner.state, msg);
    expect(events.some(({ type }) => type === 'text')).toBe(msg === envelope);
  }
});

test('of 1,000 messages that come back to their sender none is accepted', async () => {
  for (let run = 0; run < 1_000; run += 1) {
    const { envelope } = await pair.seal('creator', 'Hi');
    expect(await pair.creator.take(envelope)).toEqual([]);
  }
  expect(pair.creator.events).toEqual(Array(1_000).fill({ type: 'unreadable' }));
});

test('of 1,000 messages moved to another chat none is accepted', async () => {
  const elsewhere = await SecurePair.secured();
  elsewhere.joiner.events.length = 0;
  for (let run = 0; run < 1_000; run += 1) {
    const { envelope } = await pair.seal('creator', 'Hi');
    await elsewhere.post('creator', [envelope]);
  }
  expect(elsewhere.joiner.events).toEqual(Array(1_000).fill({ type: 'unreadable' }));
});

test('an envelope opens in its own chat and direction only, even with the right key', async () => {
  const { envelope } = await pair.seal('creator', 'Hi');
  const { state } = pair.joiner;
  const moved = { ...state, chatToken: '0'.repeat(24) };
  const reflected = { ...state, role: 'creator' } as const;
  for (const other of [moved, reflected]) {
    expect((await receiveMessage(other, envelope)).events).toEqual([{ type: 'unreadable' }]);
  }
});

test('1,000 messages that come again are shown once each', async () => {
  const envelopes: string[] = [];
  for (let run = 0; run < 1_000; run += 1) {
    const { envelope } = await pair.seal('creator', String(run));
    envelopes.push(envelope);
    await pair.post('creator', [envelope, envelope]);
  }
  for (const envelope of envelopes) await pair.post('creator', [envelope]);
  expect(pair.joiner.texts()).toEqual(envelopes.map((_envelope, index) => String(index)));
  // Nothing else is told, but for the one confirmation of the creator's first text: that of the hello.
  expect(pair.joiner.events.filter(({ type }) => type !== 'text')).toHaveLength(1);
});

/** The own texts by number, so that a target can be one of them. */
function nth(number: number): (passing: Passing) => boolean {
  let seen = -1;
  return (passing) => ofKind('m')(passing) && (seen += 1) === number;
}

test('100 of 100 dropped messages are noticed by both', async () => {
  for (let run = 0; run < 100; run += 1) {
    const fresh = await SecurePair.secured();
    const lost = randomInt(9);
    fresh.meddler = dropping(nth(lost));
    for (let text = 0; text < 10; text += 1) await fresh.say('creator', String(text));
    const { events } = fresh.joiner;
    const gap = events.findIndex(({ type }) => type === 'missing');
    // The hello has the sequence 0, the texts have those after it.
    expect(events[gap]).toEqual({ type: 'missing', epoch: 1, from: lost + 1, to: lost + 2 });
    expect(events[gap + 1]).toMatchObject({ type: 'text', text: String(lost + 1), late: false });

    fresh.meddler = honest;
    await fresh.say('joiner', 'Hi');
    const { confirmed, sent } = fresh.creator.state.current!;
    expect([confirmed, sent]).toEqual([lost + 1, 11]);
  }
});

test('100 of 100 messages out of order are noticed, and shown', async () => {
  for (let run = 0; run < 100; run += 1) {
    const fresh = await SecurePair.secured();
    const held = randomInt(9);
    fresh.meddler = reordering(nth(held));
    for (let text = 0; text < 10; text += 1) await fresh.say('creator', String(text));
    expect(fresh.joiner.all('missing')).toEqual([
      { type: 'missing', epoch: 1, from: held + 1, to: held + 2 },
    ]);
    const late = fresh.joiner.all('text').filter((text) => text.late);
    expect(late.map(({ text }) => text)).toEqual([String(held)]);
    expect(new Set(fresh.joiner.texts()).size).toBe(10);
    expect(fresh.joiner.state.current!.opened).toEqual({ received: 11, beyond: [] });
  }
});

test('a gap of four billion takes no more memory than one of one', async () => {
  const { current } = pair.creator.state;
  pair.creator.state = { ...pair.creator.state, current: { ...current!, sent: 0xffff_fff0 } };
  await pair.say('creator', 'far');
  expect(pair.joiner.all('missing')).toEqual([
    { type: 'missing', epoch: 1, from: 1, to: 0xffff_fff0 },
  ]);
  expect(pair.joiner.texts()).toEqual(['far']);
  expect(pair.joiner.state.current!.opened).toEqual({ received: 1, beyond: [0xffff_fff0] });
});

describe('what the talker confirms', () => {
  test('is what it has opened in sequence', async () => {
    const { sequence } = await pair.say('creator', 'Hi');
    await pair.say('joiner', 'Hello');
    expect(pair.creator.all('confirmed').at(-1)).toEqual({
      type: 'confirmed',
      epoch: 1,
      received: sequence + 1,
    });
  });

  test('is said when it grows, and never taken back', async () => {
    const { envelope: early } = await pair.seal('joiner', 'early');
    await pair.say('creator', 'Hi');
    await pair.say('joiner', 'Hello');
    const before = pair.creator.all('confirmed');
    await pair.post('joiner', [early]);
    expect(pair.creator.all('confirmed')).toEqual(before);
    expect(pair.creator.state.current!.confirmed).toBe(2);
  });

  test('is never more than was sent', async () => {
    const opened = { received: 1_000, beyond: [] };
    const { current } = pair.joiner.state;
    pair.joiner.state = { ...pair.joiner.state, current: { ...current!, opened } };
    await pair.say('joiner', 'I have read what you never wrote');
    expect(pair.creator.state.current!.confirmed).toBe(1);
  });
});

test.each([
  ['plain text', 'Hi', 'not encrypted'],
  ['plain text that mentions the suite', 'sfc1', 'not encrypted'],
  ['an empty message', '', 'not encrypted'],
  ['a kind that is not known', 'sfc1.x.AAAA', 'unknown kind'],
  ['a step that nobody waits for', `sfc1.k.${'A'.repeat(151)}`, 'unexpected step'],
])('is refused once the chat is encrypted: %s', async (_what, msg, reason) => {
  for (const role of ['creator', 'joiner'] as const) {
    expect(await pair[role].take(msg)).toEqual([]);
    expect(pair[role].events).toEqual([{ type: 'refused', reason }]);
  }
});

test('plain text is refused before the chat is encrypted, too', async () => {
  const { joiner } = await SecurePair.invited();
  await joiner.take('Hi');
  expect(joiner.events).toEqual([{ type: 'refused', reason: 'not encrypted' }]);
});

test.each([
  ['nothing', ''],
  ['too little', 'A'.repeat(890)],
  ['too much', 'A'.repeat(892)],
  ['no base64url', '!'.repeat(891)],
  ['zeros', 'A'.repeat(891)],
])('an envelope that cannot be one is told as unreadable: %s', async (_what, payload) => {
  await pair.joiner.take(`sfc1.m.${payload}`);
  expect(pair.joiner.events).toEqual([{ type: 'unreadable' }]);
});

/** An envelope of the creator, sealed with a key of the test's own in the place of both sides' keys. */
async function foreignEnvelope(frame: Uint8Array): Promise<{ joiner: Participant; msg: string }> {
  const algorithm = { name: 'AES-GCM', length: 256 } as const;
  const key = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
  const { state } = pair.joiner;
  const current = { ...state.current!, receiveKey: key };
  const iv = randomBytes(12);
  const associated = utf8(`sfc1.m${state.chatToken}creator`);
  const sealed = await encrypt(key, iv, associated, new Uint8Array(frame));
  const joiner = new Participant({ ...state, current });
  return { joiner, msg: `sfc1.m.${encodeBase64url(concat(iv, sealed))}` };
}

test('a frame of a type that is not known yet takes its sequence and shows nothing', async () => {
  const frame = new Uint8Array(640);
  frame.set([9, 0, 0, 0, 1]);
  const { joiner, msg } = await foreignEnvelope(frame);
  expect(await joiner.take(msg)).toEqual([]);
  expect(joiner.events).toEqual([]);
  expect(joiner.state.current!.opened.received).toBe(2);
});

test('a malformed frame of the talker is told as unreadable and not confirmed', async () => {
  const frame = new Uint8Array(640);
  frame.set([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0xc3, 0x28]);
  const { joiner, msg } = await foreignEnvelope(frame);
  await joiner.take(msg);
  expect(joiner.events).toEqual([{ type: 'unreadable' }]);
  expect(joiner.state.current!.opened.received).toBe(1);
});

test('whatever arrives, the participant goes on', async () => {
  const kinds = fc.constantFrom('sfc1.c.', 'sfc1.k.', 'sfc1.r.', 'sfc1.m.', 'sfc1.', '');
  const payloads = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 700 }).map((bytes) => withPayload('', bytes)),
  );
  const messages = fc.array(fc.tuple(kinds, payloads), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(messages, async (received) => {
      const fresh = new Participant(pair.creator.state);
      for (const [kind, payload] of received) await fresh.take(kind + payload);
      await fresh.take((await pair.seal('joiner', 'still here')).envelope);
      expect(fresh.texts()).toEqual(['still here']);
    }),
  );
});
