/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import type { StoreUnderTest } from './setup.ts';

export function describePing({ store }: StoreUnderTest): void {
  describe('ping', () => {
    it('resolves when the database answers', async () => {
      await expect(store().ping()).resolves.toBeUndefined();
    });
  });
}
