import {
  beginHandshake,
  openSecureChat,
  sendText,
  statusOf,
  type Role,
  type SecureChat,
} from '../../../src/crypto/index.ts';
import { concat } from '../../../src/crypto/bytes.ts';
import { joinerKeyInput, otherRole } from '../../../src/crypto/derivations.ts';
import { hmac, type Key } from '../../../src/crypto/primitives.ts';
import {
  altering,
  dropping,
  flipBit,
  honest,
  ofKind,
  payloadOf,
  reflecting,
  replaying,
  withPayload,
} from '../../support/hostile-relay.ts';
import { Participant, SecurePair } from '../../support/secure-pair.ts';

// Many runs on a busy machine take longer than the usual five seconds.
jest.setTimeout(60_000);

const ROLES: readonly Role[] = ['creator', 'joiner'];

/** All messages that pass, in order. */
function recorded(pair: SecurePair): string[] {
  const messages: string[] = [];
  const { meddler } = pair;
  pair.meddler = (passing) => {
    messages.push(`${passing.to}: ${passing.msg}`);
    return meddler(passing);
  };
  return messages;
}

/** The joiner has answered; the creator's next step is under way. */
async function answered(): Promise<{ pair: SecurePair; reveal: string; hello: string }> {
  const pair = await SecurePair.invited();
  const caught: string[] = [];
  pair.meddler = (passing) => {
    if (passing.to === 'creator' || ofKind('c')(passing)) return [passing];
    caught.push(passing.msg);
    return [];
  };
  await pair.begin('creator');
  const [reveal, hello] = caught;
  return { pair, reveal: reveal!, hello: hello! };
}

describe('a handshake', () => {
  test('takes three messages and a hello of each', async () => {
    const pair = await SecurePair.invited();
    const messages = recorded(pair);
    await pair.begin('creator');
    expect(messages.map((message) => message.replace(/(sfc1\..\.).*/, '$1'))).toEqual([
      'joiner: sfc1.c.',
      'creator: sfc1.k.',
      'joiner: sfc1.k.',
      'joiner: sfc1.m.',
      'creator: sfc1.m.',
    ]);
    expect(messages.map((message) => message.split(' ')[1]!.length)).toEqual([
      50, 137, 158, 898, 898,
    ]);
  });

  test('tells both the same four words, once', async () => {
    const { creator, joiner } = await SecurePair.secured();
    expect(creator.events).toEqual([
      { type: 'secured', epoch: 1, words: expect.any(Array) as unknown, again: false },
    ]);
    expect(joiner.events).toEqual(creator.events);
  });

  test('gives every chat other keys and words', async () => {
    const pairs = await Promise.all(
      Array.from({ length: 20 }, () => SecurePair.secured('g'.repeat(24))),
    );
    const words = pairs.map(({ creator }) => creator.state.current!.words.join());
    expect(new Set(words).size).toBe(20);
  });

  test.each(ROLES)(
    'lets the %s send only when the talker has proved to have the keys',
    async (role) => {
      const pair = await SecurePair.invited();
      await expect(sendText(pair[role].state, 'Hi')).rejects.toMatchObject({ reason: 'no keys' });
      pair.meddler = dropping((passing) => passing.to === role && ofKind('m')(passing));
      await pair.begin('creator');
      expect(statusOf(pair[role].state)).toBe('exchanging');
      expect(statusOf(pair[otherRole(role)].state)).toBe('secured');
      await expect(sendText(pair[role].state, 'Hi')).rejects.toMatchObject({ reason: 'no keys' });
    },
  );

  test('changes nothing when every message comes twice', async () => {
    const pair = await SecurePair.invited();
    pair.meddler = replaying(() => true, 2);
    await pair.begin('creator');
    await pair.say('joiner', 'Hi');
    expect(pair.joiner.events.map(({ type }) => type)).toEqual(['secured']);
    expect(pair.creator.all('secured')).toHaveLength(1);
    expect(pair.creator.texts()).toEqual(['Hi']);
  });

  test('changes nothing when every message also comes back to its sender', async () => {
    const pair = await SecurePair.secured();
    await pair.loseKeys('joiner');
    pair.meddler = reflecting(() => true);
    await pair.say('creator', 'lost');
    expect(pair.creator.texts()).toEqual([]);
    expect(pair.creator.all('unreadable')).toHaveLength(1);
  });

  test('leaves the state that it began with as it was', async () => {
    const pair = await SecurePair.invited();
    const before = pair.creator.state;
    const copy = structuredClone(before);
    await pair.begin('creator');
    expect(before).toEqual(copy);
  });

  test('and every text give the state another revision', async () => {
    const pair = await SecurePair.secured();
    for (let text = 0; text < 3; text += 1) await pair.seal('creator', 'Hi');
    // Begun, step 2 arrived, the hello arrived, three texts.
    expect(pair.creator.state.revision).toBe(6);
  });

  test('and every text make a state to be stored, even from one that is a copy', async () => {
    const pair = await SecurePair.secured();
    const stored = structuredClone(pair.creator.state);
    const [one, other] = await Promise.all([
      sendText(stored, 'one tab'),
      sendText(stored, 'another'),
    ]);
    // Both took the same sequence: only the first may be stored, for the second begins at no stored revision.
    expect(one.sent).toEqual(other.sent);
    expect([one.state.revision, other.state.revision]).toEqual(Array(2).fill(stored.revision + 1));
  });
});

describe('the state', () => {
  const isKey = (value: unknown): value is Key =>
    Object.prototype.toString.call(value) === '[object CryptoKey]';

  /** Every key in a value, at any depth. */
  function keysIn(value: unknown): Key[] {
    if (isKey(value)) return [value];
    if (typeof value !== 'object' || value === null) return [];
    return Object.values(value).flatMap(keysIn);
  }

  test('goes on after it was stored and read, at every step', async () => {
    const pair = await SecurePair.invited();
    pair.meddler = (passing) => {
      for (const role of ROLES) pair[role].state = structuredClone(pair[role].state);
      return [passing];
    };
    await pair.begin('creator');
    await pair.say('creator', 'Hi');
    await pair.say('joiner', 'Hello');
    expect([pair.joiner.texts(), pair.creator.texts()]).toEqual([['Hi'], ['Hello']]);
  });

  test('never has a secret key that can be exported', async () => {
    const { pair } = await answered();
    const secured = await SecurePair.secured();
    const states = [pair, secured].flatMap(({ creator, joiner }) => [creator.state, joiner.state]);
    const begun = await beginHandshake(pair.creator.state);
    const keys = keysIn([...states, begun.state]);
    expect(keys.length).toBeGreaterThan(12);
    expect(keys.filter(({ extractable }) => extractable)).toEqual([]);
  });
});

describe('a handshake that somebody interferes with', () => {
  test.each([
    ['the joiner', 'the key in step 2 is changed', 'k', 'creator', 'wrong authentication'],
    ['the creator', 'the key in step 3 is changed', 'k', 'joiner', 'wrong commitment'],
  ] as const)('ends without a chat: %s is told when %s', async (_who, _what, kind, to, reason) => {
    const pair = await SecurePair.invited();
    pair.meddler = altering(
      (passing) => passing.to === to && ofKind(kind)(passing),
      () => 300,
    );
    await pair.begin('creator');
    expect(pair[to].events[0]).toEqual({ type: 'handshake failed', reason, final: true });
    expect(pair[to].all('handshake failed')).toHaveLength(1);
    expect(statusOf(pair[to].state)).toBe('failed');
  });

  test('is noticed whichever bit of step 2 is changed', async () => {
    const pair = await SecurePair.invited();
    const begun = await beginHandshake(pair.creator.state);
    const [msg] = await pair.joiner.take(begun.outgoing[0]!);
    for (let bit = 0; bit < payloadOf(msg!).length * 8; bit += 1) {
      const creator = new Participant(begun.state);
      expect(await creator.take(flipBit(msg!, bit))).toEqual([]);
      expect(creator.events).toEqual([
        { type: 'handshake failed', reason: 'wrong authentication', final: true },
      ]);
    }
  });

  test('is noticed whichever bit of step 3 is changed', async () => {
    const { pair, reveal } = await answered();
    for (let bit = 0; bit < payloadOf(reveal).length * 8; bit += 1) {
      const joiner = new Participant(pair.joiner.state);
      expect(await joiner.take(flipBit(reveal, bit))).toEqual([]);
      const isMac = bit >= (65 + 16) * 8;
      const reason = isMac ? 'wrong authentication' : 'wrong commitment';
      expect(joiner.events).toEqual([{ type: 'handshake failed', reason, final: true }]);
    }
  });

  test.each([
    ['off the curve', (point: Buffer) => (point[64]! ^= 1)],
    ['in the hybrid form', (point: Buffer) => (point[0] = 6 + (point[64]! & 1))],
    ['the point at infinity', (point: Buffer) => point.fill(0)],
  ])('ends when somebody with the code sends a key that is %s', async (_what, spoil) => {
    const pair = await SecurePair.invited();
    const begun = await beginHandshake(pair.creator.state);
    const [msg] = await pair.joiner.take(begun.outgoing[0]!);
    const point = payloadOf(msg!).subarray(0, 65);
    spoil(point);
    const commit = new Uint8Array(payloadOf(begun.outgoing[0]!));
    const spoilt = new Uint8Array(point);
    const mac = await hmac(pair.creator.state.invitationKey, joinerKeyInput(commit, spoilt));
    const creator = new Participant(begun.state);
    await creator.take(withPayload(msg!, concat(spoilt, mac)));
    expect(creator.events).toEqual([
      { type: 'handshake failed', reason: 'wrong public key', final: true },
    ]);
  });

  test.each([
    ['is shorter', (msg: string) => msg.slice(0, -4)],
    ['is longer', (msg: string) => `${msg}AAAA`],
    ['is no base64url', (msg: string) => `${msg.slice(0, -1)}!`],
    ['is the joiner\u2019s own', () => `sfc1.k.${'A'.repeat(130)}`],
  ])('ends when step 3 %s', async (_what, change) => {
    const { pair, reveal } = await answered();
    await pair.joiner.take(change(reveal));
    expect(pair.joiner.events).toEqual([
      { type: 'handshake failed', reason: 'malformed step', final: true },
    ]);
  });

  test('takes one answer only: who knows the code cannot try keys', async () => {
    const pair = await SecurePair.invited();
    const begun = await beginHandshake(pair.creator.state);
    const [first] = await pair.joiner.take(begun.outgoing[0]!);
    const second = new Participant(await openSecureChat('joiner', pair.code));
    const [another] = await second.take(begun.outgoing[0]!);
    const creator = new Participant(begun.state);
    expect(await creator.take(first!)).toHaveLength(2);
    expect(await creator.take(another!)).toEqual([]);
    expect(await pair.joiner.take(begun.outgoing[0]!)).toEqual([]);
  });

  test('can be tried again by the one whose handshake failed', async () => {
    for (const role of ROLES) {
      const pair = await SecurePair.invited();
      pair.meddler = altering(
        (passing) => passing.to === role && ofKind('k')(passing),
        () => 0,
      );
      await pair.begin('creator');
      expect(statusOf(pair[role].state)).toBe('failed');
      pair.meddler = honest;
      await pair.begin(role);
      expect(ROLES.map((one) => statusOf(pair[one].state))).toEqual(['secured', 'secured']);
    }
  });

  test('after a failure no step is taken until somebody tries again', async () => {
    const failed = { failure: 'wrong authentication' } as const;
    const pair = await SecurePair.invited();
    const steps = {
      creator: await beginHandshake(pair.joiner.state),
      joiner: await beginHandshake(pair.creator.state),
    };
    for (const role of ROLES) {
      const participant = new Participant({ ...pair[role].state, ...failed });
      expect(await participant.take(steps[role].outgoing[0]!)).toEqual([]);
      expect(participant.events).toEqual([{ type: 'refused', reason: 'unexpected step' }]);
      expect(statusOf(participant.state)).toBe('failed');
    }
  });
});

describe('a new handshake', () => {
  test.each(ROLES)(
    'after the %s lost the keys is noticed by both, with other words',
    async (role) => {
      const pair = await SecurePair.secured();
      const before = pair.creator.state.current!.words;
      await pair.loseKeys(role);
      await pair.begin(role);
      for (const one of ROLES) {
        const secured = pair[one].all('secured');
        expect(secured.at(-1)).toMatchObject({ epoch: 2, again: true });
        expect(secured.at(-1)!.words).not.toEqual(before);
      }
      expect(pair.creator.state.current!.words).toEqual(pair.joiner.state.current!.words);
    },
  );

  test.each(ROLES)('begins the sequences anew after the %s lost the keys', async (role) => {
    const pair = await SecurePair.secured();
    await pair.say(role, 'before');
    await pair.loseKeys(role);
    await pair.begin(role);
    expect(await pair.say(role, 'after')).toEqual({ epoch: 2, sequence: 1 });
    expect(pair[otherRole(role)].texts()).toEqual(['before', 'after']);
    expect(pair[otherRole(role)].all('missing')).toEqual([]);
  });

  test('leaves the keys in use until it is complete', async () => {
    const pair = await SecurePair.secured();
    const lost = await openSecureChat('joiner', pair.code, pair.joiner.state.memory);
    const asked = await beginHandshake(lost);
    expect(await pair.creator.take(asked.outgoing[0]!)).toHaveLength(1);
    expect(await pair.say('creator', 'still here')).toMatchObject({ epoch: 1 });
    expect(pair.joiner.texts()).toEqual(['still here']);
  });

  test('opens what was under way when it began', async () => {
    const pair = await SecurePair.secured();
    const { envelope } = await pair.seal('creator', 'under way');
    await pair.loseKeys('creator');
    await pair.begin('creator');
    await pair.post('creator', [envelope]);
    expect(pair.joiner.texts()).toEqual(['under way']);
    await pair.post('creator', [envelope]);
    expect(pair.joiner.texts()).toEqual(['under way']);
  });

  test('opens what was made with keys that were replaced before they were confirmed', async () => {
    const pair = await SecurePair.invited();
    const held: string[] = [];
    pair.meddler = (passing) => {
      if (passing.to === 'joiner' || !ofKind('m')(passing)) return [passing];
      held.push(passing.msg);
      return [];
    };
    await pair.begin('creator');
    await pair.say('joiner', 'under way');
    pair.meddler = honest;
    await pair.loseKeys('joiner');
    await pair.begin('joiner');
    await pair.post('joiner', held);
    expect(pair.creator.texts()).toEqual(['under way']);
    expect(pair.creator.state.current!.number).toBe(2);
  });

  test('leaves a line for what was made for keys that are lost, and its sender unconfirmed', async () => {
    const pair = await SecurePair.secured();
    const { envelope, sent } = await pair.seal('creator', 'lost');
    await pair.loseKeys('joiner');
    await pair.begin('joiner');
    await pair.post('creator', [envelope]);
    expect(pair.joiner.events.at(-1)).toEqual({ type: 'unreadable' });
    await pair.say('joiner', 'Hi');
    const inThatEpoch = pair.creator.all('confirmed').filter(({ epoch }) => epoch === sent.epoch);
    expect(inThatEpoch).toEqual([]);
  });

  test('is made five times in a chat at most', async () => {
    for (const role of ROLES) {
      const pair = await SecurePair.secured();
      for (let again = 2; again <= 5; again += 1) {
        await pair.loseKeys(role);
        await pair.begin(role);
        expect(pair.creator.state.current!.number).toBe(again);
      }
      await expect(beginHandshake(pair[role].state)).rejects.toMatchObject({
        reason: 'handshake limit',
      });
    }
  });

  test('beyond the fifth does not disturb the fifth', async () => {
    const pair = await SecurePair.invited();
    const remembered = { commits: ['a', 'b', 'c', 'd'], restarts: [], completed: 0 };
    pair.creator.state = await openSecureChat('creator', pair.code, remembered);
    pair.joiner.state = await openSecureChat('joiner', pair.code, remembered);
    const begun = await beginHandshake(await openSecureChat('creator', pair.code));
    pair.meddler = (passing) =>
      passing.to === 'joiner' && ofKind('k')(passing)
        ? [{ to: 'joiner', msg: begun.outgoing[0]! }, passing]
        : [passing];
    await pair.begin('creator');
    expect(pair.joiner.events.map(({ type }) => type)).toEqual(['refused', 'secured']);
  });

  test('beyond the fifth is refused by the one who is asked, and the keys stay', async () => {
    const pair = await SecurePair.secured();
    for (let again = 2; again <= 5; again += 1) {
      await pair.loseKeys('joiner');
      await pair.begin('joiner');
    }
    const forgetful = await beginHandshake(await openSecureChat('joiner', pair.code));
    expect(await pair.creator.take(forgetful.outgoing[0]!)).toEqual([]);
    expect(pair.creator.events.at(-1)).toEqual({ type: 'refused', reason: 'too many handshakes' });
    const another = await beginHandshake(await openSecureChat('creator', pair.code));
    expect(await pair.joiner.take(another.outgoing[0]!)).toEqual([]);
    expect(pair.joiner.events.at(-1)).toEqual({
      type: 'handshake failed',
      reason: 'too many handshakes',
      final: false,
    });
    await pair.say('creator', 'still here');
    expect(pair.joiner.texts()).toEqual(['still here']);
  });
});

describe('handshakes that cross, when keys cannot be kept', () => {
  /** Both inboxes, so that a test decides who reads when. */
  class Inboxes {
    readonly waiting: Record<Role, string[]> = { creator: [], joiner: [] };
    readonly pair: SecurePair;

    constructor(pair: SecurePair) {
      this.pair = pair;
    }

    async begin(role: Role): Promise<void> {
      const step = await beginHandshake(this.pair[role].state);
      this.pair[role].state = step.state;
      this.waiting[otherRole(role)].push(...step.outgoing);
    }

    async read(role: Role): Promise<void> {
      for (const msg of this.waiting[role].splice(0)) {
        this.waiting[otherRole(role)].push(...(await this.pair[role].take(msg)));
      }
    }

    async readAll(): Promise<void> {
      while (this.waiting.creator.length + this.waiting.joiner.length > 0) {
        await this.read('joiner');
        await this.read('creator');
      }
    }
  }

  const rolesSecured = (pair: SecurePair) => ROLES.map((role) => statusOf(pair[role].state));
  const words = (state: SecureChat) => state.current?.words;

  async function expectSecured({ pair }: Inboxes): Promise<void> {
    expect(rolesSecured(pair)).toEqual(['secured', 'secured']);
    expect(words(pair.creator.state)).toEqual(words(pair.joiner.state));
    expect([...pair.creator.events, ...pair.joiner.events]).not.toContainEqual(
      expect.objectContaining({ type: 'handshake failed' }),
    );
    await pair.say('creator', 'Hi');
    await pair.say('joiner', 'Hello');
    expect([pair.joiner.texts(), pair.creator.texts()]).toEqual([['Hi'], ['Hello']]);
  }

  // After so many readings of either inbox, one reloads.
  const reloads = ROLES.flatMap((role) => [0, 1, 2, 3, 4].map((readings) => ({ role, readings })));

  test.each(reloads)('the $role reloads after $readings readings', async ({ role, readings }) => {
    const inboxes = new Inboxes(await SecurePair.invited());
    await inboxes.begin('creator');
    for (let reading = 0; reading < readings; reading += 1) {
      await inboxes.read(reading % 2 === 0 ? 'joiner' : 'creator');
    }
    await inboxes.pair.loseKeys(role);
    if (readings > 0 || role === 'creator') await inboxes.begin(role);
    await inboxes.readAll();
    await expectSecured(inboxes);
  });

  test('both reload at the same time', async () => {
    const inboxes = new Inboxes(await SecurePair.secured());
    for (const role of ROLES) await inboxes.pair.loseKeys(role);
    for (const role of ROLES) await inboxes.begin(role);
    await inboxes.readAll();
    await expectSecured(inboxes);
  });

  test('the joiner reloads twice before the creator looks', async () => {
    const inboxes = new Inboxes(await SecurePair.secured());
    for (let reload = 0; reload < 2; reload += 1) {
      await inboxes.pair.loseKeys('joiner');
      await inboxes.begin('joiner');
    }
    await inboxes.readAll();
    await expectSecured(inboxes);
  });

  test('a reload comes before what was read is acknowledged, so that it is read again', async () => {
    const inboxes = new Inboxes(await SecurePair.invited());
    await inboxes.begin('creator');
    const again = [...inboxes.waiting.joiner];
    await inboxes.read('joiner');
    await inboxes.pair.loseKeys('joiner');
    await inboxes.begin('joiner');
    inboxes.waiting.joiner.unshift(...again);
    await inboxes.read('joiner');
    await inboxes.readAll();
    await expectSecured(inboxes);
  });
});
