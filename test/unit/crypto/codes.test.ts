import fc from 'fast-check';
import {
  deriveInvitation,
  formatCode,
  generateCode,
  invitationLink,
  parseInvitation,
} from '../../../src/crypto/index.ts';

const code = 'g0123456789abcdefghjkmnp';
const plain = '0123456789abcdef01234567';

describe('a new code', () => {
  const codes = Array.from({ length: 4_000 }, () => generateCode());

  test('has 24 characters and cannot be taken for that of a plain chat', () => {
    expect(codes.filter((one) => !/^[g-hj-km-np-tv-z][0-9a-hj-km-np-tv-z]{23}$/.test(one))).toEqual(
      [],
    );
  });

  test('is another one each time', () => {
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('has each possible character equally often in each place', () => {
    // 4,000 codes: 250 times each of 16, 125 times each of 32; six standard deviations are 92 and 66.
    for (let place = 0; place < 24; place += 1) {
      const counts = new Map<string, number>();
      for (const one of codes) counts.set(one[place]!, (counts.get(one[place]!) ?? 0) + 1);
      const [kinds, mean, margin] = place === 0 ? [16, 250, 92] : [32, 125, 66];
      expect(counts.size).toBe(kinds);
      for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(margin);
    }
  });
});

describe('what is typed as an invitation', () => {
  test.each([
    ['the code itself', code],
    ['white space around', `  ${code}\n`],
    ['groups with spaces', 'g012 3456 789a bcde fghj kmnp'],
    ['groups with hyphens', 'g012-3456-789a-bcde-fghj-kmnp'],
    ['groups with the dashes of a word processor', 'g012\u20133456 \u2014 789abcdefghjkmnp'],
    ['a zero-width space that was copied along', `\u200b${code}`],
    ['upper case', code.toUpperCase()],
    ['the letter o for zero', code.replace('0', 'o')],
    ['a capital O for zero', code.replace('0', 'O')],
    ['the letter l for one', code.replace('1', 'l')],
    ['a capital I for one', code.replace('1', 'I')],
    ['a link', `https://chat.example/#${code}`],
    ['a link in upper case with spaces', ` HTTPS://CHAT.EXAMPLE/#${code.toUpperCase()} `],
    ['a fragment with escaped spaces', '#g0123456789%20abcdefghjkmnp'],
  ])('is an encrypted chat: %s', (_what, typed) => {
    expect(parseInvitation(typed)).toEqual({ kind: 'encrypted', code });
  });

  test.each([
    ['the code itself', plain],
    ['upper case in groups', '0123-4567-89AB-CDEF-0123-4567'],
    ['letters for digits', plain.replace('0', 'O').replace('1', 'l')],
    ['a link', `http://localhost:8000/#${plain}`],
  ])('is a plain chat: %s', (_what, typed) => {
    expect(parseInvitation(typed)).toEqual({ kind: 'plain', code: plain });
  });

  test.each([
    ['nothing', ''],
    ['too short', code.slice(0, -1)],
    ['too long', `${code}0`],
    ['a letter that no code has', code.replace('p', 'u')],
    ['neither kind: hexadecimal at first, then not', `0${code.slice(1)}`],
    ['a link without a fragment', `https://chat.example/${code}`],
    ['a broken escape', `%${code}`],
    ['letters that only look like it', code.replace('a', '\u0430')],
  ])('is refused: %s', (_what, typed) => {
    expect(parseInvitation(typed)).toBeUndefined();
  });

  test('is found again however the page has shown it', () => {
    for (let run = 0; run < 200; run += 1) {
      const one = generateCode();
      expect(parseInvitation(formatCode(one))).toEqual({ kind: 'encrypted', code: one });
      expect(parseInvitation(invitationLink('https://a.example', one))?.code).toBe(one);
    }
  });

  test('never makes the page fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        expect(parseInvitation(typed)?.code ?? code).toHaveLength(24);
      }),
    );
  });
});

test('a code is shown in groups of four', () => {
  expect(formatCode(code)).toBe('g012 3456 789a bcde fghj kmnp');
});

test.each([plain, code.toUpperCase(), '', `${code} `])(
  'nothing is derived from what is no code of an encrypted chat: "%s"',
  async (other) => {
    await expect(deriveInvitation(other)).rejects.toMatchObject({ reason: 'no code' });
  },
);

test('the invitation key cannot be exported', async () => {
  const { invitationKey } = await deriveInvitation(code);
  expect(invitationKey).toMatchObject({ type: 'secret', extractable: false });
  await expect(crypto.subtle.exportKey('raw', invitationKey)).rejects.toThrow();
});
