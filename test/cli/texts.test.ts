import fc from 'fast-check';
import { readArguments } from '../../src/cli/arguments.ts';
import { cutLine } from '../../src/cli/long-lines.ts';
import { describeWarning } from '../../src/cli/sentences.ts';
import { visible } from '../../src/cli/visible.ts';
import { codePoints } from '../../src/protocol.ts';

describe('a text from elsewhere', () => {
  test('is one line in a terminal, and cannot pass for another one', () => {
    expect(visible('one\ntwo\r\nthree')).toBe('one ⏎ two ⏎ three');
  });

  test('cannot move the cursor, ring, or turn what is read around', () => {
    expect(visible('\u001b[2J\u0007\u009b1A\u202e\u2066x')).toBe(
      '\ufffd[2J\ufffd\ufffd1A\ufffd\ufffdx',
    );
  });

  test('is otherwise what was said', () => {
    expect(visible('Grüße 👋 مرحبا \t'.trim())).toBe('Grüße 👋 مرحبا');
  });
});

describe('a warning', () => {
  test('of a false delivery says who contradicts whom', () => {
    expect(describeWarning({ event: 'warning', reason: 'contradiction' })).toBe(
      'The server says that a message of yours was delivered, but Talker does not confirm it.',
    );
  });
});

describe('a long line', () => {
  test('goes as messages that fit, with nothing left out but spaces between them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (line) => {
        const parts = cutLine(line);
        expect(parts.every((part) => codePoints(part) <= 140)).toBe(true);
        expect(parts.join('').replaceAll(/\s/gu, '')).toBe(line.replaceAll(/\s/gu, ''));
      }),
    );
  });

  test('is cut between words where there are some', () => {
    const words = Array.from({ length: 60 }, () => 'word').join(' ');
    for (const part of cutLine(words)) expect(part).toMatch(/^word( word)*$/);
  });
});

describe('arguments', () => {
  test('take a code as it is shown, in groups', () => {
    expect(readArguments(['join', 'g012', '3456', '--json'])).toMatchObject({
      invitation: 'g012 3456',
      json: true,
    });
  });

  test.each([[[]], [['talk']], [['create', 'code']], [['create', '--server']]])(
    'that make no sense are refused: %j',
    (args) => {
      expect(() => readArguments(args)).toThrow();
    },
  );
});
