/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import { textMessages } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describePresence({ store, createReady, readInbox, send }: StoreUnderTest): void {
  describe('signs of life', () => {
    const seenUntil = async (chatToken: Token, byWhom: Token) =>
      (await readInbox(chatToken, byWhom)).talkerSeenUntil;

    it('are joining, sending, acknowledging and reading with a time', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const caller = { chatToken, userId: joiner };
      expect(await seenUntil(chatToken, creator)).toBe(now);

      await store().send({ ...caller, at: now + 1, messages: textMessages(1) });
      expect(await seenUntil(chatToken, creator)).toBe(now + 1);
      await store().acknowledge({ ...caller, at: now + 2, ids: [newToken()] });
      expect(await seenUntil(chatToken, creator)).toBe(now + 2);
      await store().readInbox({ ...caller, at: now + 3 });
      expect(await seenUntil(chatToken, creator)).toBe(now + 3);
    });

    it('are not left by reading without a time', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await store().readInbox({ chatToken, userId: joiner, at: now + 3 });

      await store().readInbox({ chatToken, userId: joiner });

      expect(await seenUntil(chatToken, creator)).toBe(now + 3);
    });

    it('are one’s own, not the talker’s', async () => {
      const { chatToken, creator, joiner } = await createReady();

      await store().readInbox({ chatToken, userId: joiner, at: now + 3 });
      await store().readInbox({ chatToken, userId: creator, at: now + 9 });

      expect(await seenUntil(chatToken, creator)).toBe(now + 3);
      expect(await seenUntil(chatToken, joiner)).toBe(now + 9);
      expect((await readInbox(chatToken, joiner)).seenUntil).toBe(now + 3);
    });

    it('count in what is read with them', async () => {
      const { chatToken, joiner } = await createReady();

      const inbox = await store().readInbox({ chatToken, userId: joiner, at: now + 3 });

      expect(inbox).toMatchObject({ seenUntil: now + 3, talkerSeenUntil: now });
    });

    it('reach until the end of a held poll, whatever else is asked meanwhile', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const until = now + 45_000;
      await store().beginPoll({
        chatToken,
        userId: joiner,
        pollId: newToken(),
        at: now,
        until,
      });

      await store().readInbox({ chatToken, userId: joiner, at: now + 10 });
      await send(store(), chatToken, joiner, textMessages(1));

      expect(await seenUntil(chatToken, creator)).toBe(until);
    });
  });
}
