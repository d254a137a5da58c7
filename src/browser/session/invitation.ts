import { isToken } from '../../protocol.ts';

// White space, hyphens and dashes of any kind, and the invisible characters that pasting brings along.
const SEPARATORS = /[\s\p{Dash}\p{Cf}]/gu;

/** What was typed or pasted, or the end of a pasted link, without separators and in lower case. */
function normalize(typed: string): string {
  const afterHash = typed.slice(typed.lastIndexOf('#') + 1);
  return decodePercent(afterHash).replace(SEPARATORS, '').toLowerCase();
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The invitation code in what a person typed or pasted (a code or a whole link); undefined when there is none. */
export function parseInvitation(typed: string): string | undefined {
  const code = normalize(typed);
  return isToken(code) ? code : undefined;
}

/** A link that carries the code in its fragment, which browsers never send to a server. */
export function invitationLink(origin: string, code: string): string {
  return `${origin}/#${code}`;
}
