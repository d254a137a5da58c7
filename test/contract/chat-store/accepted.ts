/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type UserId } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import { creationOf, draftChat, noticesOf, textMessages } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describeAccepted({ store, readInbox, createReady }: StoreUnderTest): void {
  describe('the time at which a message was accepted', () => {
    const timesIn = async (chatToken: Token, userId: UserId) =>
      (await readInbox(chatToken, userId)).messages.map(({ accepted }) => accepted - now);

    it('is that of the step that stored it, whatever came later', async () => {
      const chat = draftChat({ created: now });
      const [chatToken, creator, joiner] = [chat.token, chat.creator, newToken()];
      const notices = noticesOf('joined');
      await store().create(creationOf(chat));
      await store().join({ chatToken, userId: joiner, at: now + 1, createdAfter: 0, notices });
      const sent = { chatToken, userId: joiner };
      await store().send({ ...sent, at: now + 2, messages: textMessages(2) });
      await store().send({ ...sent, at: now + 3, messages: textMessages(1) });
      const intruder = { notSince: now, notices: noticesOf('intruder') };
      await store().noticeIntruder({ chatToken, at: now + 4, ...intruder });
      await store().close({ chatToken, at: now + 5, notices: noticesOf('closed') });

      expect(await timesIn(chatToken, creator)).toEqual([0, 1, 2, 2, 3, 4, 5]);
      expect(await timesIn(chatToken, joiner)).toEqual([1, 4, 5]);
    });

    it('stays that of the first when a message is repeated', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const messages = textMessages(1);
      await store().send({ chatToken, userId: creator, at: now + 7, messages });
      await store().send({ chatToken, userId: creator, at: now + 9, messages });

      expect((await timesIn(chatToken, joiner)).at(-1)).toBe(7);
    });

    it('is the end of the lifetime for the notice of it', async () => {
      const { chatToken, creator } = await createReady();
      await store().expire([{ chatToken, closed: now + 8, notices: noticesOf('expired') }]);

      expect(await timesIn(chatToken, creator)).toEqual([8]);
    });
  });
}
