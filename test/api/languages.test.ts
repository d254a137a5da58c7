import { languages, languageCodes } from '../../src/messages/languages.ts';
import { pageTexts } from '../../src/messages/pages/index.ts';
import { documentNames, hrefsIn, idsIn, documentIn } from '../unit/messages/documents.ts';
import { useService } from '../support/test-service.ts';

const pages = ['/', '/chat', '/faq', '/privacy', '/license', '/nowhere'];
const uncounted = useService();
const counted = useService({ environment: { ANALYTICS_ID: 'G-AB12CD34EF' } });

const get = (path: string, headers: Record<string, string>, service = uncounted) =>
  service().client.raw('GET', path, { headers });

describe.each(languageCodes)('whose browser asks for %s', (language) => {
  const wishes = { 'Accept-Language': `tlh, ${language};q=0.9, en;q=0.1` };

  test.each(pages)('gets %s in it, and is told so', async (path) => {
    const { headers, text } = await get(path, wishes);
    const { dir } = languages[language];
    expect(headers['content-language']).toBe(language);
    expect(headers['vary']).toMatch(/accept-language, cookie/i);
    expect(text).toMatch(new RegExp(`<html\\s+lang="${language}"\\s+dir="${dir}"`));
  });

  test.each(documentNames)('gets the whole of %s in it, and nothing in English', async (name) => {
    const { text } = await get(`/${name}`, wishes);
    const ids = idsIn(documentIn(name, language));
    expect(ids.length).toBeGreaterThan(2);
    expect(idsIn(text)).toEqual(expect.arrayContaining(ids));
    const main = /<main[^>]*>(.*?)<\/main>/s.exec(text)?.[1] ?? '';
    expect(main).toContain('<h1>');
    expect(main).not.toContain('lang="en"');
  });

  test.each(documentNames)('finds %s from home', async (name) => {
    expect(hrefsIn((await get('/', wishes)).text)).toContain(`/${name}`);
  });

  test('is told of statistics where there are some, and only there', async () => {
    const [none, some] = [await get('/privacy', wishes), await get('/privacy', wishes, counted)];
    const texts = pageTexts[language];
    expect(none.text).not.toContain('google');
    expect(some.text).toContain(texts['privacy.counted']);
    expect(some.text).not.toContain(texts['privacy.uncounted']);
    expect(none.text.replace(texts['privacy.uncounted'], '')).toBe(
      some.text.replace(texts['privacy.counted'], ''),
    );
  });

  test.each(pages)('and gets no style or script inside of %s', async (path) => {
    const { headers, text } = await get(path, wishes);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(text).not.toMatch(
      /<script(?![^>]*\ssrc="\/assets\/)[^>]*>|<style|\sstyle=|\son[a-z]+=/i,
    );
  });
});

test.each(languageCodes)(
  'who has chosen %s gets it, whatever the browser asks for',
  async (code) => {
    const other = code === 'de' ? 'es' : 'de';
    const { headers } = await get('/faq', {
      'Accept-Language': other,
      Cookie: `sfchat-language=${code}`,
    });
    expect(headers['content-language']).toBe(code);
  },
);

test('who wants none of the languages gets English', async () => {
  const { headers } = await get('/faq', { 'Accept-Language': 'tlh', Cookie: 'sfchat-language=xx' });
  expect(headers['content-language']).toBe('en');
});
