import { findInvitations } from '../../../src/crypto/index.ts';

const kinds = {
  encrypted: 'g0123456789abcdefghjkmnp',
  plain: '0123456789abcdef01234567',
} as const;
const other = 'zyxw98765432vtsrqpnmkjhg';

const groupsOf = (code: string, size: number, by: string): string =>
  code.match(new RegExp(`.{${size}}`, 'g'))!.join(by);

describe.each(['encrypted', 'plain'] as const)('the code of an invitation, %s', (kind) => {
  const code = kinds[kind];
  const written = [code, groupsOf(code, 4, ' '), groupsOf(code, 4, '-'), groupsOf(code, 6, ' ')];

  test.each([
    ['by itself', (form: string) => form],
    ['with a final dot', (form: string) => `${form}.`],
    ['in a sentence', (form: string) => `Hello, please use ${form}, I wait for you!`],
    ['at the end of a sentence', (form: string) => `Here is what you need: ${form}.`],
    ['after a label', (form: string) => `code: ${form}`],
    ['after a label without a space', (form: string) => `Code:${form}`],
    ['in quotes', (form: string) => `He said "${form}" and left`],
    ['in German quotes', (form: string) => `Nimm „${form}“ bitte`],
    ['in angle brackets', (form: string) => `<${form}>`],
    ['in round brackets', (form: string) => `(${form})`],
    [
      'in our own welcome',
      (form: string) => `*** Welcome to SFChat! Please send code: ${form} to Talker ***`,
    ],
    ['in a chat line', (form: string) => `[14:03:07] You: ${form}`],
    ['on a line of its own', (form: string) => `Come over\r\n${form}\r\nSee you`],
    ['in a link', (form: string) => `http://chat.example:8000/#${form.replaceAll(' ', '%20')}`],
    [
      'in a link in a sentence',
      (form: string) => `Open <https://chat.example/#${form.replaceAll(' ', '%20')}>, then join.`,
    ],
    ['in Ukrainian', (form: string) => `Ось код ${form} для тебе`],
    ['in Arabic', (form: string) => `الرمز ${form}، من فضلك`],
    ['named twice', (form: string) => `${form} (again: ${form})`],
    ['in capitals', (form: string) => `CODE: ${form.toUpperCase()}!`],
    [
      'with o and l for 0 and 1',
      (form: string) => `code: ${form.replace('0', 'O').replace('1', 'l')}.`,
    ],
  ])('is found %s', (_where, place) => {
    for (const form of written) {
      expect([form, findInvitations(place(form))]).toEqual([form, [{ kind, code }]]);
    }
  });

  test('is asked for when there are two', () => {
    expect(findInvitations(`either ${code} or ${other}`)).toEqual([
      { kind, code },
      { kind: 'encrypted', code: other },
    ]);
  });

  test('is not invented', () => {
    for (const text of [
      '',
      'Hello, this will make some more time when they meet here',
      'electroencephalographist',
      `${code}0`,
      code.slice(1),
      `x${code}`,
      'https://chat.example/',
      '*** Welcome to SFChat! Please send the invitation to Talker ***',
    ]) {
      expect([text, findInvitations(text)]).toEqual([text, []]);
    }
  });
});

test('a word beside the groups of a code that no code contains is left out', () => {
  const groups = groupsOf(kinds.encrypted, 4, ' ');
  expect(findInvitations(`take this ${groups} soon`)).toEqual([
    { kind: 'encrypted', code: kinds.encrypted },
  ]);
});

test('a long text takes time in proportion to its length', () => {
  const patterns = [
    'a',
    'a1',
    'g ',
    'g0 1-',
    '- ',
    '0123 ',
    'g012 3456 ',
    '#',
    '%20',
    '\u200b',
    'ab\n',
  ];
  const timeFor = (pattern: string, length: number): number => {
    const text = pattern.repeat(length / pattern.length);
    const before = process.cpuUsage();
    findInvitations(text);
    return process.cpuUsage(before).user;
  };
  for (const pattern of patterns) {
    timeFor(pattern, 20_000);
    const short = Math.min(...[1, 2, 3].map(() => timeFor(pattern, 20_000)));
    const long = Math.min(...[1, 2, 3].map(() => timeFor(pattern, 400_000)));
    // Twenty times as long; a quadratic pattern would take four hundred times, and far longer than this.
    expect([pattern, long < Math.max(short, 2_000) * 80]).toEqual([pattern, true]);
  }
});
