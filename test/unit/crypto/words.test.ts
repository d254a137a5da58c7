import { createHash } from 'node:crypto';
import { ENGLISH } from '../../../src/crypto/bip39-english.ts';
import { wordNumbers } from '../../../src/crypto/word-numbers.ts';
import { verificationWords } from '../../../src/crypto/words.ts';

test('the list is the English one of BIP-39', () => {
  const file = ENGLISH.map((word) => `${word}\n`).join('');
  expect(createHash('sha256').update(file).digest('hex')).toBe(
    '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda',
  );
  expect([ENGLISH.length, ENGLISH[0], ENGLISH.at(-1)]).toEqual([2048, 'abandon', 'zoo']);
});

test('the words come from the first 44 bits', () => {
  const bytes = new Uint8Array(32).fill(0xff);
  expect(verificationWords(wordNumbers(bytes))).toEqual(['zoo', 'zoo', 'zoo', 'zoo']);
  bytes.fill(0, 0, 5);
  bytes[5] = 0x0f;
  expect(verificationWords(wordNumbers(bytes))).toEqual(Array(4).fill('abandon'));
  bytes[5] = 0x1f;
  expect(verificationWords(wordNumbers(bytes)).at(-1)).toBe('ability');
});

test('each of the 44 bits counts', () => {
  const seen = new Set<string>();
  for (let bit = 0; bit < 44; bit += 1) {
    const bytes = new Uint8Array(32);
    bytes[Math.floor(bit / 8)] = 0x80 >> (bit % 8);
    seen.add(wordNumbers(bytes).join());
  }
  expect(seen.size).toBe(44);
  expect(seen).not.toContain('0,0,0,0');
});
