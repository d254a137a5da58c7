import fc from 'fast-check';
import { wellFormed } from '../../../src/client/connection/message-text.ts';
import { composerState } from '../../../src/browser/view/composer-state.ts';
import { codePoints, isBlank } from '../../../src/protocol.ts';

describe('the text of a message', () => {
  test('is counted in code points: an emoji outside the basic plane is one', () => {
    expect(codePoints('')).toBe(0);
    expect(codePoints('Grüße')).toBe(5);
    expect(codePoints('😀😀')).toBe(2);
  });

  test('is blank when it is only white space of any kind', () => {
    expect(isBlank(' \n\t\u00a0\u3000')).toBe(true);
    expect(isBlank(' . ')).toBe(false);
  });

  test('loses what the server refuses, and nothing else', () => {
    expect(wellFormed('a\0b\ud800c\udc00d😀')).toBe('a\ufffdb\ufffdc\ufffdd😀');
  });

  test('goes out exactly as typed when it is well-formed', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(texts, (text) => {
        expect(wellFormed(text)).toBe(text);
      }),
    );
  });

  test('keeps its length when it is repaired', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        expect(codePoints(wellFormed(text))).toBe(codePoints(text));
      }),
    );
  });
});

describe('the message field', () => {
  test.each([
    ['blank', ' \n', false],
    ['short', 'a', true],
    ['as long as may be', 'a'.repeat(140), true],
    ['as long as may be in code points', '😀'.repeat(140), true],
    ['one too long: it is sent as two', 'a'.repeat(141), true],
    ['too long for a hundred messages', 'a'.repeat(14_001), false],
  ])('lets a text go that is %s: %#', (_what, text, canSend) => {
    expect(composerState(text, 140, 'ready', true).canSend).toBe(canSend);
  });

  test.each([
    [0, ''],
    [119, ''],
    [120, '20 characters left'],
    [139, '1 character left'],
    [140, '0 characters left'],
    [141, 'Will be sent as 2 messages'],
    [14_001, 'Too long to be sent at once: at most about 14,000 characters.'],
  ])('speaks in words, and only near the limit: %i', (length, words) => {
    const state = composerState('a'.repeat(length), 140, 'ready', true);
    expect(state).toMatchObject({ length: words, over: length > 14_000 });
  });

  test('sends nothing before the keys are confirmed, and says why', () => {
    expect(composerState('Hi', 140, 'ready', false).canSend).toBe(false);
    expect(composerState('Hi', 140, 'ready', false).reason).toMatch(/same keys/);
  });

  test('sends nothing before the talker has joined, nor after the end, and says why', () => {
    expect(composerState('Hi', 140, 'draft', true).canSend).toBe(false);
    expect(composerState('Hi', 140, 'draft', true).reason).toMatch(/Talker has joined/);
    expect(composerState('Hi', 140, 'closed', true).canSend).toBe(false);
    expect(composerState('Hi', 140, 'closed', true).reason).toMatch(/closed/);
  });
});
