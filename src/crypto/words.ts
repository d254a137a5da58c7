import { ENGLISH } from './bip39-english.ts';
import type { WordNumbers } from './word-numbers.ts';

/**
 * The words that two people compare (encryption.md, "Verification"). This file brings the list along,
 * which is half of the module's weight: a page loads it when somebody wants to see the words.
 */
export function verificationWords(numbers: WordNumbers): readonly string[] {
  return numbers.map((number) => ENGLISH[number] ?? '');
}
