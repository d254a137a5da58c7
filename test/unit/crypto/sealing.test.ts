import { generateSealingKey, seal, unseal } from '../../../src/crypto/index.ts';
import { flipBit } from '../../support/hostile-relay.ts';

const text = JSON.stringify([{ msg: '\ufeffGrüße 👋', own: true }]);

test('a sealed text is opened with its key and its name only', async () => {
  const key = await generateSealingKey();
  const sealed = await seal(key, 'history', text);
  expect(await unseal(key, 'history', sealed)).toBe(text);
  expect(await unseal(key, 'outbox', sealed)).toBeUndefined();
  expect(await unseal(await generateSealingKey(), 'history', sealed)).toBeUndefined();
});

test('a sealed text begins as it was, whatever its first character', async () => {
  const key = await generateSealingKey();
  expect(await unseal(key, 'history', await seal(key, 'history', '\ufeffa'))).toBe('\ufeffa');
  expect(await unseal(key, 'history', await seal(key, 'history', ''))).toBe('');
});

test('the same text never looks the same', async () => {
  const key = await generateSealingKey();
  const sealed = await Promise.all(Array.from({ length: 100 }, () => seal(key, 'history', text)));
  expect(new Set(sealed).size).toBe(100);
});

test('what was changed is not opened', async () => {
  const key = await generateSealingKey();
  const sealed = await seal(key, 'history', text);
  const bits = Buffer.from(sealed, 'base64url').length * 8;
  for (let bit = 0; bit < bits; bit += 1) {
    const changed = flipBit(`sfc1.s.${sealed}`, bit).slice('sfc1.s.'.length);
    expect(await unseal(key, 'history', changed)).toBeUndefined();
  }
});

test.each(['', 'A', 'AAAA', 'no base64url!', 'A'.repeat(38)])(
  'what was never sealed is not opened: "%s"',
  async (sealed) => {
    expect(await unseal(await generateSealingKey(), 'history', sealed)).toBeUndefined();
  },
);

test('the key cannot be exported', async () => {
  const key = await generateSealingKey();
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});
