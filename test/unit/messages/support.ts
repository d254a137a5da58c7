import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Language } from '../../../src/messages/languages.ts';
import { ar } from '../../../src/messages/scripts/ar.ts';
import { de } from '../../../src/messages/scripts/de.ts';
import { en } from '../../../src/messages/scripts/en.ts';
import { es } from '../../../src/messages/scripts/es.ts';
import { uk } from '../../../src/messages/scripts/uk.ts';
import type { Text } from '../../../src/messages/text.ts';

/** What scripts say, by language. */
export const scriptTexts: Readonly<Record<Language, Readonly<Record<string, Text>>>> = {
  en,
  uk,
  de,
  es,
  ar,
};

/** Every form of a text. */
export const formsOf = (text: Text): string[] =>
  typeof text === 'string' ? [text] : Object.values(text);

/** The names of the values that a text takes, sorted. */
export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

/** The tags of a text, sorted. */
export const tagsIn = (text: string): string[] => [...text.matchAll(/<[^>]+>/g)].flat().sort();

/** The contents of all files below a directory whose names end like this. */
export const sourcesIn = (directory: string, ending: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(path.join(directory, name), 'utf8'));
