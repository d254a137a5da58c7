/** The languages of the pages, each by its own name, in the order in which they are offered. */
export const languages = {
  en: { name: 'English', dir: 'ltr' },
  uk: { name: 'Українська', dir: 'ltr' },
  de: { name: 'Deutsch', dir: 'ltr' },
  es: { name: 'Español', dir: 'ltr' },
  ar: { name: 'العربية', dir: 'rtl' },
} as const;

export type Language = keyof typeof languages;

export const languageCodes = Object.keys(languages) as Language[];

/** What is shown to those who want none of the others. */
export const DEFAULT_LANGUAGE: Language = 'en';

/** The cookie that remembers what a person has chosen; nobody who chooses nothing has it. */
export const LANGUAGE_COOKIE = 'sfchat-language';
