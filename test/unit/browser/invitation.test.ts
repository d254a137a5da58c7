import fc from 'fast-check';
import { invitationLink, parseInvitation } from '../../../src/browser/session/invitation.ts';

const code = '0123456789abcdef01234567';

describe('what is typed as an invitation', () => {
  test.each([
    ['the code itself', code],
    ['white space around', `  ${code}\n`],
    ['groups with spaces', '0123 4567 89ab cdef 0123 4567'],
    ['groups with hyphens', '0123-4567-89ab-cdef-0123-4567'],
    ['groups with the dashes of a word processor', '012345678\u2013 9abcdef0\u2014 1234567'],
    ['a zero-width space that was copied along', `\u200b${code}`],
    ['upper case', code.toUpperCase()],
    ['a link', `https://chat.example/#${code}`],
    ['a link in upper case with spaces', ` HTTPS://CHAT.EXAMPLE/#${code.toUpperCase()} `],
    ['a fragment with escaped spaces', `#0123456789ab%20cdef01234567`],
  ])('is accepted: %s', (_what, typed) => {
    expect(parseInvitation(typed)).toBe(code);
  });

  test.each([
    ['nothing', ''],
    ['too short', code.slice(1)],
    ['too long', `${code}0`],
    ['a letter that no code has', `g${code.slice(1)}`],
    ['a link without a fragment', `https://chat.example/${code}`],
    ['a broken escape', `%${code}`],
  ])('is refused: %s', (_what, typed) => {
    expect(parseInvitation(typed)).toBeUndefined();
  });

  test('is found again in every link that was made from it', () => {
    const codes = fc.stringMatching(/^[0-9a-f]{24}$/);
    fc.assert(
      fc.property(codes, (any) => {
        expect(parseInvitation(invitationLink('http://a.example', any))).toBe(any);
      }),
    );
  });

  test('never makes the page fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        expect(parseInvitation(typed) ?? code).toMatch(/^[0-9a-f]{24}$/);
      }),
    );
  });
});
