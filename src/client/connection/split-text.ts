import { codePoints, isBlank } from '../../protocol.ts';

/** Messages that one text may make: half of what the talker's inbox holds. */
export const MOST_PARTS = 100;

/**
 * A long text as the messages that carry it, in order: none longer than `max` code points, cut behind white
 * space where there is some and never within what a person sees as one character. Together they are the text,
 * but for parts that would be blank, which nobody can send.
 */
export function splitText(text: string, max: number): string[] {
  if (codePoints(text) <= max) return [text];
  const parts: string[] = [];
  let rest = charactersOf(text, max);
  while (rest.length > 0) {
    const end = endOfPart(rest, max);
    parts.push(rest.slice(0, end).join(''));
    rest = rest.slice(end);
  }
  return parts.filter((part) => !isBlank(part));
}

/** How many messages a text makes, without making them when it is far too long to be sent. */
export function countParts(text: string, max: number, most: number): number {
  const least = Math.ceil(codePoints(text) / max);
  return least > most ? least : splitText(text, max).length;
}

/** How many of the characters the next message takes. */
function endOfPart(characters: readonly string[], max: number): number {
  let length = 0;
  let afterSpace = 0;
  for (const [index, character] of characters.entries()) {
    length += codePoints(character);
    if (length > max) return afterSpace > 0 ? afterSpace : index;
    if (isBlank(character)) afterSpace = index + 1;
  }
  return characters.length;
}

/** What a person sees as one character; one that no message could hold falls into its code points. */
function charactersOf(text: string, max: number): string[] {
  return graphemes(text).flatMap((character) =>
    codePoints(character) > max ? [...character] : [character],
  );
}

/** Browsers of before 2024 may lack the segmenter; then a code point has to do. */
function graphemes(text: string): string[] {
  if (!('Segmenter' in Intl)) return [...text];
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}
