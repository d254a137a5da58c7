import { readdirSync, readFileSync } from 'node:fs';

/** The long texts of the pages, taken apart. */

/** The name of each, whatever its languages. */
export const documentNames = [
  ...new Set(readdirSync('public/documents').map((file) => file.replace(/\..*/, ''))),
];

/** The markup of one, with its white space folded. @throws when there is none in this language */
export const documentIn = (name: string, language: string): string =>
  readFileSync(`public/documents/${name}.${language}.html`, 'utf8')
    .replace(/\s+/g, ' ')
    .replaceAll(' >', '>');

/** A heading, a paragraph or an item. */
export interface Block {
  readonly tag: string;
  readonly id: string | undefined;
  readonly html: string;
}

/** All blocks of a document, in their order. */
export const blocksOf = (html: string): Block[] =>
  [...html.matchAll(/<(h1|h2|p|li)(?: id="([\w-]+)")?>(.*?)<\/\1>/g)].map(
    ([, tag = '', id, inside = '']) => ({ tag, id, html: inside }),
  );

const allOf = (html: string, pattern: RegExp): string[] =>
  [...html.matchAll(pattern)].map(([, found = '']) => found);

export const hrefsIn = (html: string): string[] => allOf(html, / href="([^"]*)"/g).sort();
export const idsIn = (html: string): string[] => allOf(html, / id="([^"]*)"/g);
export const tagNamesIn = (html: string): string[] => allOf(html, /<([\w-]+)/g);
export const quotesIn = (html: string): string[] => allOf(html, /<q>(.*?)<\/q>/g);

/** What the server fills in. */
export const placesIn = (html: string): string[] => allOf(html, /\{\{([^}]*)\}\}/g);

/** The names that stand before the explanations under the heading of the states. */
export const statesIn = (html: string): string[] =>
  allOf(/id="states".*?<ul>(.*?)<\/ul>/.exec(html)?.[1] ?? '', /<strong>(.*?)<\/strong>/g);

/** What is read, without what people type. */
export const plainText = (html: string): string =>
  html
    .replace(/<(code|kbd)[^>]*>.*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .trim();

const RUN = 3;

/** Every run of three words: two texts in different languages share none. */
export function wordRuns(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{M}’]+/gu) ?? [];
  return words.slice(RUN - 1).map((_last, index) => words.slice(index, index + RUN).join(' '));
}
