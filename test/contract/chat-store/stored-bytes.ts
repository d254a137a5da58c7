/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { randomBytes } from 'node:crypto';
import { newToken } from '../../../src/chat/chat.ts';
import { now, type StoreUnderTest } from './setup.ts';

/** @param storeUnderTest that no other test uses: chats that go meanwhile would be counted, too. */
export function describeStoredBytes({ store, createReady }: StoreUnderTest): void {
  describe('storedBytes', () => {
    const chats = 20;
    const textBytes = 1200;

    /** A text that a server cannot keep in less than its length. */
    const denseText = (): string =>
      randomBytes(textBytes).toString('base64url').slice(0, textBytes);

    it('grows with the texts that are sent, by half of their size at least', async () => {
      const before = await store().storedBytes();

      for (let chat = 0; chat < chats; chat += 1) {
        const { chatToken, creator } = await createReady({ encrypted: true });
        const messages = Array.from({ length: 20 }, () => ({ _id: newToken(), msg: denseText() }));
        await store().send({ chatToken, userId: creator, at: now, messages });
      }

      // A server may estimate what it has.
      const sent = chats * 20 * textBytes;
      expect((await store().storedBytes()) - before).toBeGreaterThan(sent / 2);
    });
  });
}
