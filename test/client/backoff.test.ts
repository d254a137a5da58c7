import fc from 'fast-check';
import { readRetryAfter } from '../../src/client/api/retry-after.ts';
import { createBackoff } from '../../src/client/connection/backoff.ts';

describe('the wait after a failure', () => {
  test('doubles from one second up to the cap', () => {
    const backoff = createBackoff({ random: () => 0 });
    const waits = Array.from({ length: 7 }, () => backoff.next());
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test('is never longer than 30 s, nor shorter than 1 s, unless the server asks', () => {
    const randoms = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(randoms, (values) => {
        let turn = 0;
        const backoff = createBackoff({ random: () => values[turn++ % values.length] ?? 0 });
        for (let failure = 0; failure < 40; failure += 1) {
          const wait = backoff.next();
          expect(wait).toBeGreaterThanOrEqual(1_000);
          expect(wait).toBeLessThanOrEqual(30_000);
        }
      }),
    );
  });

  test('has jitter, so that not everybody comes back at once', () => {
    const early = createBackoff({ random: () => 0 });
    const late = createBackoff({ random: () => 0.99 });
    expect(late.next() - early.next()).toBeGreaterThan(900);
  });

  test('is at least what Retry-After asks for, also beyond the cap', () => {
    const backoff = createBackoff({ random: () => 0 });
    expect(backoff.next(60_000)).toBe(60_000);
    expect(backoff.next(1)).toBe(2_000);
  });

  test('is short again after a success', () => {
    const backoff = createBackoff({ random: () => 0 });
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(1_000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  test.each([
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['a date that has passed', 'Wed, 31 Dec 2025 00:00:05 GMT', undefined],
    ['nothing', null, undefined],
    ['empty', '', undefined],
    ['nonsense', 'soon', undefined],
    ['a negative number', '-4', undefined],
    ['a day, which nobody means', '86400', 600_000],
  ])('is read: %s', (_what, header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });
});
