import { en } from '../../../src/messages/scripts/en.ts';
import { t, useMessages } from '../../../src/messages/translate.ts';

describe('what the page says', () => {
  afterEach(() => {
    useMessages('en', en);
  });

  test('has values where the text has names', () => {
    expect(t('delivery.refused', { reason: 'why {not}' })).toBe('not sent: why {not}');
  });

  test('has the plural form of the language in use', () => {
    expect(t('message.missing', { count: 1 })).toBe('A message is missing here.');
    expect(t('message.missing', { count: 2 })).toBe('2 messages are missing here.');
    useMessages('uk', {
      ...en,
      'message.missing': {
        one: '{count} one',
        few: '{count} few',
        many: '{count} many',
        other: '',
      },
    });
    const said = [1, 2, 5, 11, 21, 22].map((count) => t('message.missing', { count }));
    expect(said).toEqual(['1 one', '2 few', '5 many', '11 many', '21 one', '22 few']);
  });

  test('writes numbers as the language does', () => {
    useMessages('de', en);
    expect(t('sending.tooMany', { count: 1_000 })).toContain('1.000');
  });
});
