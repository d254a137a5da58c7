/** A piece of a text; with `href` it is a link, and its text is exactly what was written. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
}

// No white space, and nothing invisible: what is read is where it leads.
const ADDRESS = /(?<![\p{L}\p{N}])https:\/\/[^\s\p{Cc}\p{Cf}<>"«»“”]+/giu;

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Finds the addresses in a text. Only https: whatever else is written stays text. */
export function findLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    const href = hrefOf(address);
    if (href === undefined) continue;
    if (index > from) pieces.push({ text: text.slice(from, index) });
    pieces.push({ text: address, href });
    from = index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The full stop of a sentence and the bracket around an address do not belong to it. */
function withoutEnd(address: string): string {
  const last = address.slice(-1);
  const opening = CLOSING[last];
  const isLoose = opening !== undefined && count(address, last) > count(address, opening);
  return isLoose || /[.,;:!?'’…*_~]/u.test(last) ? withoutEnd(address.slice(0, -1)) : address;
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** Undefined for what is no address, and for one that names a user: it seems to lead where it does not. */
function hrefOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, username, password, href } = new URL(address);
  const isHonest = username === '' && password === '' && hostname.length > 1;
  return protocol === 'https:' && isHonest ? href : undefined;
}
