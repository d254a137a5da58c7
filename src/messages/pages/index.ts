import type { Language } from '../languages.ts';
import { en, type PageKey } from './en.ts';

/** What the pages say, by language. */
export const pageTexts: Readonly<Record<Language, Readonly<Record<PageKey, string>>>> = {
  en,
  uk: en,
  de: en,
  es: en,
  ar: en,
};
