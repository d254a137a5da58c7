import type { Language } from '../languages.ts';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type PageTexts } from './en.ts';
import { es } from './es.ts';
import { uk } from './uk.ts';

/** What the pages say, by language. */
export const pageTexts: Readonly<Record<Language, PageTexts>> = { en, uk, de, es, ar };
