import { randomBytes } from './bytes.ts';

/** Invitation codes: making, reading and showing them (encryption.md, "Invitation"). */

/** Crockford's base32 in lower case: 32 characters, 5 bits each. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** What a code begins with: the 16 characters that no hexadecimal number has, 4 bits. */
const FIRST = 'ghjkmnpqrstvwxyz';

const LENGTH = 24;
const GROUP = 4;

const ENCRYPTED = new RegExp(`^[${FIRST}][${ALPHABET}]{${LENGTH - 1}}$`);
const PLAIN = /^[0-9a-f]{24}$/;

/** White space, hyphens and dashes of any kind, and the invisible characters that pasting brings along. */
const SEPARATORS = /[\s\p{Dash}\p{Cf}]/gu;

/** A code and the kind of chat it invites to. The one never leads to the other kind. */
export interface Invitation {
  readonly kind: 'encrypted' | 'plain';
  readonly code: string;
}

/** A new code of an encrypted chat: 119 random bits. */
export function generateCode(): string {
  // Both sets have a power of two characters, so that cutting bits off favours none of them.
  return Array.from(randomBytes(LENGTH), (byte, index) =>
    index === 0 ? FIRST.charAt(byte & 15) : ALPHABET.charAt(byte & 31),
  ).join('');
}

/** Whether this is a code of an encrypted chat, written as {@link generateCode} writes it. */
export function isEncryptedCode(code: string): boolean {
  return ENCRYPTED.test(code);
}

/**
 * The invitation in what a person typed: a code or a whole link, in any case, with separators,
 * and with `i`, `l`, `o` for `1`, `1`, `0`. Undefined when there is none, or something else besides.
 */
export function parseInvitation(typed: string): Invitation | undefined {
  return readCode(decodePercent(typed.slice(typed.lastIndexOf('#') + 1)));
}

/**
 * The invitations in a text that somebody pasted: in a sentence, in quotes, in a link, in groups. Each is named once.
 * Takes time in proportion to the length of the text.
 */
export function findInvitations(text: string): Invitation[] {
  const alone = parseInvitation(text);
  if (alone) return [alone];
  const found = text
    .replace(ESCAPED, (escaped) => String.fromCharCode(parseInt(escaped.slice(1), 16)))
    .split(BETWEEN)
    .flatMap(findInPhrase);
  return [...new Map(found.map((invitation) => [invitation.code, invitation])).values()];
}

/** Characters outside of ASCII are of no interest here: what separates may stay escaped. */
const ESCAPED = /%[0-7][0-9a-f]/gi;

/** What stands between phrases. A code in groups has no such character. */
const BETWEEN = /[^0-9a-z\s\p{Dash}\p{Cf}]+/iu;

/** A phrase that is a code, or one line of it that is, or some of its words that are. */
function findInPhrase(phrase: string): Invitation[] {
  const whole = readWithDigits(phrase);
  return whole ? [whole] : phrase.split(/[\r\n]+/).flatMap(findInLine);
}

function findInLine(line: string): Invitation[] {
  const whole = readWithDigits(line);
  if (whole) return [whole];
  const words = line.split(SEPARATORS).filter((word) => word !== '');
  return runsOfOneLength(words).flatMap(findInRun);
}

/** Neighbouring words of one length: a code is shown in such groups, or as one word. */
function runsOfOneLength(words: readonly string[]): string[][] {
  const runs: string[][] = [];
  for (const word of words) {
    const run = runs.at(-1);
    if (run?.[0]?.length === word.length) run.push(word);
    else runs.push([word]);
  }
  return runs;
}

/** Words beside a code may be as long as its groups. Those with letters that no code has are left out if they can be. */
function findInRun(run: readonly string[]): Invitation[] {
  const count = LENGTH / (run[0]?.length ?? 0);
  if (!Number.isInteger(count)) return [];
  const windows = run.flatMap((_word, from) => {
    const groups = run.slice(from, from + count).join('');
    const invitation = readWithDigits(groups);
    return invitation ? [{ invitation, isPure: !/[ilou]/i.test(groups) }] : [];
  });
  const pure = windows.filter(({ isPure }) => isPure);
  return (pure.length > 0 ? pure : windows).map(({ invitation }) => invitation);
}

/** A long word is no code; one in ten thousand codes has no digit, and is found when it stands alone. */
const readWithDigits = (text: string): Invitation | undefined =>
  /\d/.test(text) ? readCode(text) : undefined;

function readCode(text: string): Invitation | undefined {
  // Longer than any separators would make it: not worth a look.
  if (text.length > LONGEST) return undefined;
  const code = text.replace(SEPARATORS, '').toLowerCase().replace(/[il]/g, '1').replace(/o/g, '0');
  if (ENCRYPTED.test(code)) return { kind: 'encrypted', code };
  if (PLAIN.test(code)) return { kind: 'plain', code };
  return undefined;
}

/** The most characters of a code with its separators. */
const LONGEST = 1_000;

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A code as it is shown and dictated: groups of four. */
export function formatCode(code: string): string {
  return Array.from({ length: Math.ceil(code.length / GROUP) }, (_, index) =>
    code.slice(index * GROUP, (index + 1) * GROUP),
  ).join(' ');
}

/** A link that carries the code in its fragment, which browsers never send to a server. */
export function invitationLink(origin: string, code: string): string {
  return `${origin}/#${code}`;
}
