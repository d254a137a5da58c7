// With the `u` flag a surrogate matches only when it stands alone.
const UNSENDABLE = /\p{Surrogate}|\0/gu;

/** The text with what the server refuses (lone surrogates, NUL) replaced by U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(UNSENDABLE, '\uFFFD');
}
