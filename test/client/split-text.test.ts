import fc from 'fast-check';
import { MOST_PARTS, countParts, splitText } from '../../src/client/connection/split-text.ts';
import { codePoints, isBlank } from '../../src/protocol.ts';

describe('a long text', () => {
  test('stays whole when it fits', () => {
    expect(splitText('a b', 3)).toEqual(['a b']);
  });

  test('is cut behind white space', () => {
    expect(splitText('one two three', 8)).toEqual(['one two ', 'three']);
    expect(splitText('one\ntwo three', 6)).toEqual(['one\n', 'two ', 'three']);
  });

  test('is cut within a word only where the word is too long', () => {
    expect(splitText('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(splitText('x https://example.org/a', 21)).toEqual(['x ', 'https://example.org/a']);
  });

  test('is never cut within what a person sees as one character', () => {
    const family = '👨‍👩‍👧';
    expect(splitText(family.repeat(3), 7)).toEqual([family, family, family]);
    expect(splitText('e\u0301'.repeat(3), 3)).toEqual(['e\u0301', 'e\u0301', 'e\u0301']);
  });

  test('falls into code points where one character is longer than a message', () => {
    const parts = splitText(`e${'\u0301'.repeat(9)}`, 4);
    expect(parts.join('')).toBe(`e${'\u0301'.repeat(9)}`);
    expect(Math.max(...parts.map(codePoints))).toBeLessThanOrEqual(4);
  });

  test('has no parts that nobody could send', () => {
    const parts = splitText(`abc${' '.repeat(20)}d`, 5);
    expect(parts.map((part) => part.trim())).toEqual(['abc', 'd']);
  });

  test('loses nothing, keeps its order, and every part can be sent', () => {
    const texts = fc.array(fc.constantFrom('a', 'bc', ' ', '\n', '😀', '👨‍👩‍👧', 'é'), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 5, max: 30 }), (pieces, max) => {
        const text = pieces.join('');
        const parts = splitText(text, max);
        const bare = (value: string): string => value.replace(/\s+/g, '');
        expect(bare(parts.join(''))).toBe(bare(text));
        const isSplit = codePoints(text) > max;
        const unfit = parts.filter((part) => isBlank(part) || codePoints(part) > max);
        expect(isSplit ? unfit : []).toEqual([]);
      }),
    );
  });

  test('is counted without being split when it is far too long', () => {
    expect(countParts('a b', 2, MOST_PARTS)).toBe(2);
    expect(countParts('x'.repeat(1_000_000), 10, MOST_PARTS)).toBe(100_000);
  });
});
