import fc from 'fast-check';
import { findLinks } from '../../../src/browser/view/links.ts';

const linksIn = (text: string): (string | undefined)[] =>
  findLinks(text).flatMap(({ href }) => href ?? []);

describe('an address in a text', () => {
  test.each([
    ['alone', 'https://example.org', ['https://example.org/']],
    ['in a sentence', 'See https://example.org/a.', ['https://example.org/a']],
    ['in brackets', '(https://example.org/a)', ['https://example.org/a']],
    ['with brackets', 'https://example.org/a_(b)', ['https://example.org/a_(b)']],
    ['in quotes', '"https://example.org/a"', ['https://example.org/a']],
    ['twice', 'https://a.example https://b.example', ['https://a.example/', 'https://b.example/']],
    ['in capitals', 'HTTPS://EXAMPLE.ORG', ['https://example.org/']],
  ])('becomes a link: %s', (_what, text, links) => {
    expect(linksIn(text)).toEqual(links);
  });

  test.each([
    'http://example.org',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://',
    'https://user@example.org',
    'https://paypal.com:secret@example.org/',
    'xhttps://example.org',
    '//example.org',
  ])('stays text: %s', (text) => {
    expect(linksIn(text)).toEqual([]);
  });

  test('ends before what turns the reading direction', () => {
    expect(linksIn('https://example.org/\u202Egpj.exe')).toEqual(['https://example.org/']);
  });

  test('changes no text, and leads nowhere but to https', () => {
    const parts = fc.constantFrom(
      'https://',
      'a',
      '.',
      ')',
      '(',
      '@',
      ' ',
      ':',
      '/',
      'javascript:',
    );
    fc.assert(
      fc.property(
        fc.array(parts).map((list) => list.join('')),
        (text) => {
          const pieces = findLinks(text);
          expect(pieces.map((piece) => piece.text).join('')).toBe(text);
          for (const link of linksIn(text)) expect(link).toMatch(/^https:\/\//);
        },
      ),
    );
  });
});
