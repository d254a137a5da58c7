/**
 * Control characters and marks that turn the direction of writing: in a terminal they could move the cursor, hide
 * what was said or make a line look like another one's.
 */
const UNSAFE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** A text that came from elsewhere, on one line and harmless in a terminal; line ends are shown as `⏎`. */
export function visible(text: string): string {
  return text.replace(/\r\n|[\n\r\u2028\u2029]/g, ' ⏎ ').replace(UNSAFE, '\uFFFD');
}
