// With the `u` flag a surrogate matches only when it stands alone.
const UNSENDABLE = /\p{Surrogate}|\0/gu;

/** Length in Unicode code points, as the server counts. */
export function codePoints(text: string): number {
  return Array.from(text).length;
}

/** Whether there is nothing but white space, as the server sees it. */
export function isBlank(text: string): boolean {
  return !/[^\p{White_Space}\uFEFF]/u.test(text);
}

/** The text with what the server refuses (lone surrogates, NUL) replaced by U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(UNSENDABLE, '\uFFFD');
}
