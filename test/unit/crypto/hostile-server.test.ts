import { randomBytes } from 'node:crypto';
import { statusOf, type Role } from '../../../src/crypto/index.ts';
import { generateEphemeralKeys } from '../../../src/crypto/primitives.ts';
import { forgedRestarts, inTheMiddle, ofKind, swappingKeys } from '../../support/hostile-relay.ts';
import { SecurePair } from '../../support/secure-pair.ts';

// Many runs on a busy machine take longer than the usual five seconds.
jest.setTimeout(60_000);

const ROLES: readonly Role[] = ['creator', 'joiner'];

/** One run after the other, each from the beginning. */
async function hundredTimes(run: () => Promise<void>): Promise<void> {
  for (let left = 100; left > 0; left -= 1) await run();
}

const completed = (pair: SecurePair) => ROLES.filter((role) => pair[role].state.current).length;

test('a server in the middle without the code reads nothing and completes nothing', async () => {
  await hundredTimes(async () => {
    const pair = await SecurePair.invited();
    const middle = await inTheMiddle(pair.creator.state.chatToken);
    pair.meddler = middle.meddler;
    await pair.begin('creator');
    expect(completed(pair)).toBe(0);
    expect(statusOf(pair.creator.state)).toBe('failed');
    expect(middle.words()).toEqual({ creator: undefined, joiner: undefined });
    expect(middle.read).toEqual([]);
  });
});

test('a server that swaps the keys completes nothing', async () => {
  await hundredTimes(async () => {
    const pair = await SecurePair.invited();
    pair.meddler = swappingKeys((await generateEphemeralKeys()).publicKey);
    await pair.begin('creator');
    expect(completed(pair)).toBe(0);
    expect(pair.creator.events).toEqual([
      { type: 'handshake failed', reason: 'wrong authentication', final: true },
    ]);
  });
});

test('a third party in the middle with the code is seen by the words', async () => {
  await hundredTimes(async () => {
    const pair = await SecurePair.invited();
    const middle = await inTheMiddle(pair.creator.state.chatToken, pair.code);
    pair.meddler = middle.meddler;
    await pair.begin('creator');
    // This is what the words are for: everything else looks as it should.
    await pair.say('creator', 'Hi');
    expect([pair.joiner.texts(), middle.read]).toEqual([['Hi'], ['Hi']]);
    const [creator, joiner] = ROLES.map((role) => pair[role].state.current!.words);
    expect(creator).not.toEqual(joiner);
    expect(middle.words()).toEqual({ creator, joiner });
  });
});

test('forged restarts destroy no keys', async () => {
  await hundredTimes(async () => {
    const pair = await SecurePair.secured();
    for (const { to, msg } of forgedRestarts(randomBytes)) {
      await pair.post(to === 'creator' ? 'joiner' : 'creator', [msg]);
    }
    // The joiner has answered; the forger cannot go on.
    const forgedKey = `sfc1.k.${randomBytes(113).toString('base64url')}`;
    await pair.post('creator', [forgedKey]);
    await pair.say('creator', 'Hi');
    await pair.say('joiner', 'Hello');
    expect([pair.joiner.texts(), pair.creator.texts()]).toEqual([['Hi'], ['Hello']]);
    expect(ROLES.map((role) => pair[role].state.current!.number)).toEqual([1, 1]);
    expect(pair.creator.events).toContainEqual({ type: 'refused', reason: 'forged restart' });
    expect(pair.joiner.events).toContainEqual({
      type: 'handshake failed',
      reason: 'wrong commitment',
      final: false,
    });
  });
});

test('forged steps before the key is confirmed do not keep it from being confirmed', async () => {
  const pair = await SecurePair.invited();
  const forgedKey = `sfc1.k.${randomBytes(113).toString('base64url')}`;
  pair.meddler = (passing) => {
    const forged = [...forgedRestarts(randomBytes), { to: 'joiner', msg: forgedKey } as const];
    return ofKind('m')(passing)
      ? [...forged.filter(({ to }) => to === passing.to), passing]
      : [passing];
  };
  await pair.begin('creator');
  expect(completed(pair)).toBe(2);
  expect(pair.joiner.all('handshake failed')).toEqual([
    { type: 'handshake failed', reason: 'wrong commitment', final: false },
  ]);
});

test('a genuine restart that the server repeats is answered once', async () => {
  const pair = await SecurePair.secured();
  await pair.loseKeys('joiner');
  let restart = '';
  pair.meddler = (passing) => {
    if (passing.msg.startsWith('sfc1.r.')) restart = passing.msg;
    return [passing];
  };
  await pair.begin('joiner');
  const { number } = pair.creator.state.current!;
  expect(await pair.creator.take(restart)).toEqual([]);
  expect(pair.creator.state.current!.number).toBe(number);
});

test('a restart of another chat is forged', async () => {
  const [pair, other] = [await SecurePair.secured(), await SecurePair.secured()];
  let restart = '';
  other.meddler = ({ msg }) => {
    restart = msg;
    return [];
  };
  await other.begin('joiner');
  expect(await pair.creator.take(restart)).toEqual([]);
  expect(pair.creator.events.at(-1)).toEqual({ type: 'refused', reason: 'forged restart' });
});
