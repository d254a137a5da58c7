import { readFileSync } from 'node:fs';
import path from 'node:path';
import { languages, languageCodes, type Language } from '../../messages/languages.ts';
import { pageTexts } from '../../messages/pages/index.ts';
import type { Assets } from './assets.ts';

export interface TemplateOptions {
  /** Directory of the pages, with `parts/` that they share and `documents/` by language. */
  readonly publicDir: string;
  readonly assets: Pick<Assets, 'address'>;
  /** What stands for `{{name}}`. */
  readonly values: Readonly<Record<string, string>>;
  readonly hasAnalytics: boolean;
}

/** Fills in a template in one language. Throws when it names something that is not there. */
export type FillTemplate = (template: string, language: Language) => string;

// For those who write the pages: no element of them shows white space as it stands.
const INDENTATION = /^[ \t]+/gm;

const PLACEHOLDER = /\{\{(?:(\w+):)?([\w.-]+)\}\}/g;

/**
 * How placeholders are filled: `{{name}}` a value, `{{asset:name}}` an address, `{{t:key}}` a text,
 * `{{html:key}}` a text with markup, `{{part:name}}` what pages share, `{{document:name}}` a long text.
 * Everything but markup of our own is escaped.
 */
export function createTemplates({
  publicDir,
  assets,
  values,
  hasAnalytics,
}: TemplateOptions): FillTemplate {
  const read = (name: string): string => readFileSync(path.join(publicDir, name), 'utf8');

  const missing = (name: string): never => {
    throw new Error(`A page names ${name}, which is not there: npm run build`);
  };

  const valueOf = (name: string, language: Language): string => {
    if (name === 'languages') return languageOptions(language);
    if (name === 'statistics') {
      return textOf(hasAnalytics ? 'privacy.counted' : 'privacy.uncounted', language);
    }
    const own: Record<string, string | undefined> = {
      ...values,
      language,
      direction: languages[language].dir,
      messages: assets.address(`messages-${language}.js`),
    };
    return escapeHtml(own[name] ?? missing(name));
  };

  const textOf = (key: string, language: Language): string => {
    const texts: Readonly<Record<string, string>> = pageTexts[language];
    return texts[key] ?? missing(key);
  };

  const fill: FillTemplate = (template, language) =>
    template
      .replace(INDENTATION, '')
      .replace(PLACEHOLDER, (_all, kind: string | undefined, name: string) => {
        switch (kind) {
          case undefined:
            return valueOf(name, language);
          case 'asset':
            return escapeHtml(assets.address(name) ?? missing(name));
          case 't':
            return escapeHtml(textOf(name, language));
          case 'html':
            return textOf(name, language);
          case 'part':
            return fill(read(`parts/${name}.html`), language);
          case 'document':
            return fill(read(`documents/${name}.${language}.html`), language);
          default:
            return missing(`${kind}:${name}`);
        }
      });
  return fill;
}

/** Each language under its own name, so that everybody finds theirs. */
const languageOptions = (current: Language): string =>
  languageCodes
    .map((code) => {
      const selected = code === current ? ' selected' : '';
      return `<option value="${code}" lang="${code}"${selected}>${languages[code].name}</option>`;
    })
    .join('');

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
