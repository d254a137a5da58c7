/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { randomUUID } from 'node:crypto';
import { MOST_VALUES_PER_OWNER, type ExpiringValues } from '../../src/chat/expiring-values.ts';

/** What every adapter of `ExpiringValues` must do. */
export function describeExpiringValues(adapter: string, values: () => ExpiringValues): void {
  describe(`${adapter}: the contract of expiring values`, () => {
    const now = Date.now();
    const HOUR = 3_600_000;
    const keep = (key: string, owner: string, value = 'what it stands for') =>
      values().keep({ key, value, owner, at: now, lifetimeMs: HOUR });

    it('are found by their key', async () => {
      const [key, owner] = [randomUUID(), randomUUID()];
      await keep(key, owner);

      expect(await values().find(key, now)).toBe('what it stands for');
      expect(await values().find(randomUUID(), now)).toBeNull();
    });

    it('are the newest of their key', async () => {
      const [key, owner] = [randomUUID(), randomUUID()];
      await keep(key, owner, 'old');
      await keep(key, owner, 'new');

      expect(await values().find(key, now)).toBe('new');
    });

    it('give way to newer ones of their owner, the oldest first, and to nobody else’s', async () => {
      const [owner, other] = [randomUUID(), randomUUID()];
      const keys = Array.from({ length: MOST_VALUES_PER_OWNER + 2 }, () => randomUUID());
      await keep('of another', other);
      for (const key of keys) await keep(key, owner);

      const found = await Promise.all(keys.map((key) => values().find(key, now)));
      expect(found.map((value) => value !== null)).toEqual(keys.map((_key, index) => index >= 2));
      expect(await values().find('of another', now)).not.toBeNull();
    });
  });
}
