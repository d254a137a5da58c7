/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { newUserId, noticesOf, textMessages } from '../../support/chats.ts';
import { MINUTE, now, type StoreUnderTest } from './setup.ts';

/** Whoever waits hears of a step when it can be seen, at the latest when it is answered. */
export function describeSeen({
  store,
  createDraft,
  createQuiet,
  messagesOf,
  readInbox,
}: StoreUnderTest): void {
  describe('a watched step', () => {
    it('that joins is seen before it is answered', async () => {
      const { token, creator } = await createDraft();
      const onSeen = jest.fn();
      const joiner = newUserId();
      const joining = {
        chatToken: token,
        userId: joiner,
        at: now,
        createdAfter: 0,
        notices: noticesOf('joined'),
        onSeen,
      };

      const chat = await store().join(joining);
      await store().join({ ...joining, userId: newUserId() });

      expect(onSeen.mock.calls).toEqual([[chat]]);
      expect(chat).toMatchObject({ status: 'ready', creator, joiner });
    });

    it('that sends is seen with its message in the inbox', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(1);
      let found: ReturnType<typeof messagesOf> | undefined;

      await store().send({
        chatToken,
        userId: creator,
        at: now,
        messages,
        onSeen: () => {
          found = messagesOf(chatToken, joiner);
        },
      });

      expect(await found).toMatchObject(messages);
    });

    it('that acknowledges is seen with nothing waiting', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const [message] = textMessages(1);
      await store().send({ chatToken, userId: creator, at: now, messages: [message!] });
      let found: ReturnType<typeof readInbox> | undefined;

      await store().acknowledge({
        chatToken,
        userId: joiner,
        at: now,
        ids: [message!._id],
        onSeen: () => {
          found = readInbox(chatToken, creator);
        },
      });

      expect(await found).toMatchObject({ waiting: 0 });
    });

    it('that closes, or warns of an intruder, is seen once', async () => {
      const { chatToken } = await createQuiet();
      const onSeen = jest.fn();
      const warning = {
        chatToken,
        at: now,
        notSince: now - MINUTE,
        notices: noticesOf('intruder'),
      };
      const warned = await store().noticeIntruder({ ...warning, onSeen });
      await store().noticeIntruder({
        ...warning,
        at: now + 1,
        notices: noticesOf('intruder'),
        onSeen,
      });
      const closed = await store().close({
        chatToken,
        at: now,
        notices: noticesOf('closed'),
        onSeen,
      });
      await store().close({ chatToken, at: now, notices: noticesOf('closed'), onSeen });

      expect(onSeen.mock.calls).toEqual([[warned], [closed]]);
    });

    it('that is refused is not seen', async () => {
      const draft = await createDraft();
      const onSeen = jest.fn();
      const step = { chatToken: draft.token, at: now, onSeen };
      const ids = [newToken()];

      await store().send({ ...step, userId: draft.creator, messages: textMessages(1) });
      await store().send({ ...step, userId: newUserId(), messages: textMessages(1) });
      await store().acknowledge({ ...step, userId: newUserId(), ids });

      expect(onSeen).not.toHaveBeenCalled();
    });
  });
}
