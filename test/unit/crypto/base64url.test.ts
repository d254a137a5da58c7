import fc from 'fast-check';
import { decodeBase64url, encodeBase64url } from '../../../src/crypto/base64url.ts';

test('what is written is what Node writes, and is read again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      const bytes = new Uint8Array(any);
      const text = encodeBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(decodeBase64url(text)).toEqual(bytes);
    }),
  );
});

test('each text is read as its bytes or not at all', () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]*$/));
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = decodeBase64url(text);
      expect(bytes ? encodeBase64url(bytes) : text).toBe(text);
    }),
  );
});

test.each([
  ['padding', 'Zg=='],
  ['bits left over', 'Zh'],
  ['more bits left over', 'Zm9'],
  ['a length that no bytes have', 'Zm9vY'],
  ['the other alphabet', '+/+/'],
  ['white space', 'Zm9v '],
  ['a line break', 'Zm9v\n'],
  ['a letter outside ASCII', 'Zm9\u0176'],
])('is refused: %s', (_what, text) => {
  expect(decodeBase64url(text)).toBeUndefined();
});
