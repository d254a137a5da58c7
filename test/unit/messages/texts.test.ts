import { existsSync } from 'node:fs';
import { languageCodes } from '../../../src/messages/languages.ts';
import { pageTexts } from '../../../src/messages/pages/index.ts';
import { formsOf, placeholdersIn, scriptTexts, sourcesIn, tagsIn } from './support.ts';

const scripts = ['src/browser', 'src/client']
  .filter((directory) => existsSync(directory))
  .flatMap((directory) => sourcesIn(directory, '.ts'))
  .join('\n');
const pages = sourcesIn('public', '.html').join('\n');
const scriptKeys = Object.keys(scriptTexts.en);
const pageKeys = Object.keys(pageTexts.en);

/** Keys as they stand in the code, whole or with a part that is chosen at run time. */
const isUsed = (key: string): boolean => {
  if (scripts.includes(`'${key}'`)) return true;
  const [group = '', name = ''] = key.split('.');
  return [...scripts.matchAll(new RegExp(`\`${group}\\.(\\w*)\\$\\{[^}]+\\}(\\w*)\``, 'g'))].some(
    ([, before = '', after = '']) => name.startsWith(before) && name.endsWith(after),
  );
};

const keysOnPages = (kind: 'html' | 't'): Set<string> =>
  new Set(
    [...pages.matchAll(new RegExp(`\\{\\{${kind}:([\\w.]+)\\}\\}`, 'g'))].map(([, key]) => key!),
  );

describe.each(languageCodes)('what is said in %s', (language) => {
  const texts = scriptTexts[language];
  const forms = Object.entries(texts).flatMap(([key, text]) =>
    formsOf(text).map((form) => [key, form] as const),
  );

  test('is complete, and nothing more', () => {
    expect(Object.keys(texts).sort()).toEqual([...scriptKeys].sort());
    expect(Object.keys(pageTexts[language]).sort()).toEqual([...pageKeys].sort());
  });

  test('is never empty', () => {
    const all = [...forms, ...Object.entries(pageTexts[language])];
    expect(all.filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('takes the values that the English text takes', () => {
    for (const [key, text] of Object.entries(scriptTexts.en)) {
      const wanted = new Set(formsOf(text).flatMap(placeholdersIn));
      const found = new Set(formsOf(texts[key]!).flatMap(placeholdersIn));
      expect([key, found]).toEqual([key, wanted]);
    }
  });

  test('has every plural form that the language has', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const [key, text] of Object.entries(texts)) {
      if (typeof text === 'string') continue;
      expect([key, Object.keys(text).sort()]).toEqual([key, [...pluralCategories].sort()]);
    }
  });

  test('has the markup that the English text has', () => {
    for (const [key, text] of Object.entries(pageTexts.en)) {
      expect([key, tagsIn(pageTexts[language][key as keyof typeof pageTexts.en])]).toEqual([
        key,
        tagsIn(text),
      ]);
    }
    expect(forms.filter(([, form]) => form.includes('<'))).toEqual([]);
  });
});

describe('a text', () => {
  test('of a script is used by one', () => {
    expect(scriptKeys.filter((key) => !isUsed(key))).toEqual([]);
  });

  test('of a page is used by one, with markup only where markup is meant', () => {
    const [plain, html] = [keysOnPages('t'), keysOnPages('html')];
    const unused = pageKeys.filter((key) => !plain.has(key) && !html.has(key));
    // These stand in the code that fills pages in.
    expect(unused).toEqual(['privacy.counted', 'privacy.uncounted']);
    expect([...plain, ...html].filter((key) => !pageKeys.includes(key))).toEqual([]);
    const texts: Readonly<Record<string, string>> = pageTexts.en;
    expect([...plain].filter((key) => tagsIn(texts[key]!).length > 0)).toEqual([]);
  });

  test('stands on no page by itself', () => {
    const templates = sourcesIn('public', '.html').filter((text) => /<html|\{\{t:/.test(text));
    const texts = templates.map((text) =>
      text
        .replace(/<!--.*?-->|<div class="license".*?<\/div>|<[^>]*>|\{\{[^}]*\}\}|&#?\w+;/gs, ' ')
        .replaceAll('SFChat', '')
        .trim(),
    );
    expect(texts.filter((text) => /\p{L}/u.test(text))).toEqual([]);
    expect(pages).not.toMatch(/(?:aria-label|placeholder|title|alt)="(?!SFChat)[^"{]*\p{L}/u);
  });
});
