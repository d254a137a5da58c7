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
 * The invitation in what a person typed or pasted: a code or a whole link, in any case, with separators,
 * and with `i`, `l`, `o` for `1`, `1`, `0`. Undefined when there is none.
 */
export function parseInvitation(typed: string): Invitation | undefined {
  const afterHash = typed.slice(typed.lastIndexOf('#') + 1);
  const code = decodePercent(afterHash)
    .replace(SEPARATORS, '')
    .toLowerCase()
    .replace(/[il]/g, '1')
    .replace(/o/g, '0');
  if (ENCRYPTED.test(code)) return { kind: 'encrypted', code };
  if (PLAIN.test(code)) return { kind: 'plain', code };
  return undefined;
}

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
