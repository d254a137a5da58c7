import { newToken } from '../../src/client/api/token.ts';

describe('a token made here', () => {
  test('is 24 lowercase hex characters, with leading zeros', () => {
    expect(newToken((bytes) => bytes.fill(10))).toBe('0a'.repeat(12));
    expect(newToken()).toMatch(/^[0-9a-f]{24}$/);
  });

  test('is a new one each time', () => {
    expect(newToken()).not.toBe(newToken());
  });
});
