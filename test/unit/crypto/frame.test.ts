import fc from 'fast-check';
import { Sfc1Error, type Sfc1Refusal } from '../../../src/crypto/index.ts';
import { decodeFrame, encodeFrame, type OwnFrame } from '../../../src/crypto/frame.ts';

const numbers = fc.record({ sequence: fc.nat(0xffff_ffff), received: fc.nat(0xffff_ffff) });
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 140 })
  .filter((given) => !given.includes('\0'));

const hello = { type: 'hello', sequence: 3, received: 2 } as const;
const greeting = { type: 'text', text: 'Hi', sequence: 3, received: 2 } as const;

/** A frame that somebody made who does not keep the rules. */
function altered(frame: OwnFrame, change: (bytes: Uint8Array) => void) {
  const bytes = encodeFrame(frame);
  change(bytes);
  return bytes;
}

const withContent = (content: Uint8Array) =>
  altered(hello, (bytes) => {
    bytes[0] = 1;
    bytes.set([content.length >> 8, content.length & 255], 9);
    bytes.set(content, 11);
  });

test('a frame has 640 bytes and says what it was made of', () => {
  fc.assert(
    fc.property(numbers, text, (head, given) => {
      const frame = { type: 'text', text: given, ...head } as const;
      const bytes = encodeFrame(frame);
      expect(bytes).toHaveLength(640);
      expect(decodeFrame(bytes)).toEqual(frame);
    }),
  );
});

test.each([
  ['the longest text', '\u{1f511}'.repeat(140)],
  ['a byte order mark at the beginning', '\ufeffa'],
  ['white space around', ' a\n'],
])('a text arrives exactly as it was sent: %s', (_what, given) => {
  expect(decodeFrame(encodeFrame({ ...greeting, text: given }))).toEqual({
    ...greeting,
    text: given,
  });
});

test.each<[string, Sfc1Refusal]>([
  ['', 'text empty'],
  ['x'.repeat(141), 'text too long'],
  ['\u{1f511}'.repeat(141), 'text too long'],
  ['a\0b', 'text malformed'],
  ['a\ud83d', 'text malformed'],
])('a text that may not be sent is refused: %j', (given, reason) => {
  expect(() => encodeFrame({ ...greeting, text: given })).toThrow(new Sfc1Error(reason));
});

test('a type that is not known yet says its numbers only', () => {
  const later = altered(greeting, (bytes) => bytes.fill(0xff, 9).fill(7, 0, 1));
  expect(decodeFrame(later)).toEqual({ type: 'unknown', sequence: 3, received: 2 });
});

test.each([
  ['padding that is not zero', altered(greeting, (bytes) => (bytes[639] = 1))],
  ['text after its length', altered(greeting, (bytes) => (bytes[10] = 1))],
  ['a length beyond the frame', altered(greeting, (bytes) => bytes.fill(0xff, 9, 11))],
  ['a length beyond any text', withContent(Buffer.alloc(561, 'a'))],
  ['more than 140 code points', withContent(Buffer.alloc(141, 'a'))],
  ['an empty text', withContent(Buffer.alloc(0))],
  ['bytes that are no UTF-8', withContent(Buffer.from([0xc3, 0x28]))],
  ['half a character', withContent(Buffer.from([0xed, 0xa0, 0x80]))],
  ['an overlong form', withContent(Buffer.from([0xc0, 0xaf]))],
  ['NUL', withContent(Buffer.from('a\0b'))],
  ['a hello that says something', altered(greeting, (bytes) => (bytes[0] = 0))],
  ['a byte too few', encodeFrame(greeting).slice(1)],
  ['nothing', new Uint8Array()],
])('is not taken for a frame: %s', (_what, bytes) => {
  expect(decodeFrame(bytes)).toBeUndefined();
});
