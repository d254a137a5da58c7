import { languageCodes, type Language } from '../../../src/messages/languages.ts';
import { pageTexts } from '../../../src/messages/pages/index.ts';
import {
  blocksOf,
  documentIn,
  documentNames,
  hrefsIn,
  idsIn,
  placesIn,
  plainText,
  quotesIn,
  statesIn,
  tagNamesIn,
  wordRuns,
} from './documents.ts';
import { formsOf, scriptTexts } from './support.ts';

/** What is quoted and means the same in every language: what people type or see in an address. */
const QUOTED_EVERYWHERE = ['https', '#', 'o', 'i', 'l'];

const translations = languageCodes
  .filter((language) => language !== 'en')
  .flatMap((language) => documentNames.map((name) => [name, language] as const));
const all = languageCodes.flatMap((language) =>
  documentNames.map((name) => [name, language] as const),
);

/** Everything that the page says in a language, without the full stop or colon at the end. */
const saidIn = (language: Language): Set<string> =>
  new Set(
    [
      ...Object.values<string>(pageTexts[language]),
      ...Object.values(scriptTexts[language]).flatMap(formsOf),
    ].map((text) => text.replace(/[.:]$/u, '')),
  );

describe.each(translations)('%s in %s', (name, language) => {
  const [english, translated] = [documentIn(name, 'en'), documentIn(name, language)];

  test('has the headings, paragraphs and items of the English one, in their order', () => {
    const shape = blocksOf(english).map(({ tag, id }) => [tag, id]);
    expect(blocksOf(translated).map(({ tag, id }) => [tag, id])).toEqual(shape);
  });

  test('has its links, its marked words and what is filled in, in the same blocks', () => {
    const inside = (html: string) =>
      blocksOf(html).map((block) => [
        hrefsIn(block.html),
        tagNamesIn(block.html).sort(),
        placesIn(block.html),
      ]);
    expect(inside(translated)).toEqual(inside(english));
  });

  test('is translated, every sentence of it', () => {
    const texts = blocksOf(translated).map(({ html }) => plainText(html));
    expect(texts.filter((text) => text === '')).toEqual([]);
    const known = new Set(wordRuns(plainText(english)));
    expect(texts.flatMap(wordRuns).filter((run) => known.has(run))).toEqual([]);
  });
});

describe.each(all)('%s in %s', (name, language) => {
  const html = documentIn(name, language);

  test('quotes the page as it speaks in that language', () => {
    const said = saidIn(language);
    const unknown = quotesIn(html).filter(
      (quote) => !said.has(quote) && !QUOTED_EVERYWHERE.includes(quote),
    );
    expect(unknown).toEqual([]);
  });

  test('links only to what is there', () => {
    for (const href of hrefsIn(html)) {
      const [path = '', id] = href.split('#');
      expect(['', '/', '/license', ...documentNames.map((page) => `/${page}`)]).toContain(path);
      if (id === undefined) continue;
      expect(idsIn(path === '' ? html : documentIn(path.slice(1), language))).toContain(id);
    }
    expect(new Set(idsIn(html)).size).toBe(idsIn(html).length);
  });

  test('is markup of few tags, each closed, without style or script', () => {
    const tags = [...html.matchAll(/<\/?([\w-]+)([^>]*)>/g)];
    for (const [, tag = '', attributes = ''] of tags) {
      expect(['h1', 'h2', 'p', 'ul', 'li', 'a', 'q', 'kbd', 'strong', 'code']).toContain(tag);
      expect(attributes).toMatch(/^(?: (?:id|href|dir)="[^"]*")?$/);
    }
    const open: string[] = [];
    const closed = tags.filter(([tag, name = '']) =>
      tag.startsWith('</') ? open.pop() !== name : !open.push(name),
    );
    expect(closed).toEqual([]);
    expect(open).toEqual([]);
    expect(html.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
  });
});

test.each(languageCodes)('the questions in %s name every state of the encryption', (language) => {
  const { [language]: texts } = scriptTexts;
  const names = Object.keys(texts).flatMap((key) => /^security\.(\w+)Means$/.exec(key)?.[1] ?? []);
  const wanted = names.map((name) => texts[`security.${name}`]);
  expect(statesIn(documentIn('faq', language))).toEqual(wanted);
});
