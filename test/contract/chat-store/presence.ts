/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type Token } from '../../../src/chat/chat.ts';
import { textMessages } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describePresence({ store, createReady, readInbox, send }: StoreUnderTest): void {
  describe('signs of life', () => {
    const seenUntil = async (chatToken: Token, byWhom: Token) =>
      (await readInbox(chatToken, byWhom)).talkerSeenUntil;

    it('are joining, sending, acknowledging and looking with a time', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const visit = { chatToken, userToken: joiner };
      expect(await seenUntil(chatToken, creator)).toBe(now);

      await store().send({ ...visit, at: now + 1, messages: textMessages(1) });
      expect(await seenUntil(chatToken, creator)).toBe(now + 1);
      await store().acknowledge({ ...visit, at: now + 2, ids: [newToken()] });
      expect(await seenUntil(chatToken, creator)).toBe(now + 2);
      await store().look({ ...visit, at: now + 3 });
      expect(await seenUntil(chatToken, creator)).toBe(now + 3);
    });

    it('are not left by a look without a time', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await store().look({ chatToken, userToken: joiner, at: now + 3 });

      await store().look({ chatToken, userToken: joiner });

      expect(await seenUntil(chatToken, creator)).toBe(now + 3);
    });

    it('are one’s own, not the talker’s', async () => {
      const { chatToken, creator, joiner } = await createReady();

      await store().look({ chatToken, userToken: joiner, at: now + 3 });
      await store().look({ chatToken, userToken: creator, at: now + 9 });

      expect(await seenUntil(chatToken, creator)).toBe(now + 3);
      expect(await seenUntil(chatToken, joiner)).toBe(now + 9);
    });

    it('reach until the end of a held poll, whatever else is asked meanwhile', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const until = now + 45_000;
      await store().beginPoll({
        chatToken,
        userToken: joiner,
        pollId: newToken(),
        at: now,
        until,
      });

      await store().look({ chatToken, userToken: joiner, at: now + 10 });
      await send(store(), chatToken, joiner, textMessages(1));

      expect(await seenUntil(chatToken, creator)).toBe(until);
    });
  });
}
