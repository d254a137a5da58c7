/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { INBOX_LIMIT } from '../../../src/protocol.ts';
import { noticesOf, received, textMessages } from '../../support/chats.ts';
import { CROWD, MINUTE, now, outcomeOf, type StoreUnderTest } from './setup.ts';

export function describeFullInbox({
  store,
  elsewhere,
  createReady,
  messagesOf,
  createQuiet,
  send,
  sendInBatches,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('a full inbox', () => {
    it(`takes messages up to exactly ${INBOX_LIMIT}, system messages included`, async () => {
      const chat = await createReady();
      const { chatToken, creator, joiner } = chat;
      await sendInBatches(chat, textMessages(INBOX_LIMIT - 2));

      expect(await outcomeOf(send(store(), chatToken, creator, textMessages(1)))).toBe('stored');
      expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);

      const refused = await send(store(), chatToken, creator, textMessages(1));
      expect(refused).toMatchObject({ outcome: 'inbox full', chat: { token: chatToken } });
      expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);
    });

    it('takes all messages of a request or none, and drops nothing older', async () => {
      const chat = await createReady();
      const { chatToken, creator, joiner } = chat;
      await sendInBatches(chat, textMessages(INBOX_LIMIT - 6));
      const before = await messagesOf(chatToken, joiner);
      const six = textMessages(6);

      expect(await outcomeOf(send(store(), chatToken, creator, six))).toBe('inbox full');
      expect(await messagesOf(chatToken, joiner)).toEqual(before);

      const five = six.slice(1);
      expect(await outcomeOf(send(store(), chatToken, creator, five))).toBe('stored');
      expect(await messagesOf(chatToken, joiner)).toEqual([...before, ...five.map(received)]);
    });

    it('is full for its own addressee only, and takes messages again once read', async () => {
      const chat = await createReady();
      const { chatToken, creator, joiner } = chat;
      await sendInBatches(chat, textMessages(INBOX_LIMIT - 1));
      const [first] = await messagesOf(chatToken, joiner);

      expect(await outcomeOf(send(store(), chatToken, joiner, textMessages(20)))).toBe('stored');
      const ids = [first!._id];
      await store().acknowledge({ chatToken, userId: joiner, at: now, ids });
      expect(await outcomeOf(send(store(), chatToken, creator, textMessages(2)))).toBe(
        'inbox full',
      );
      expect(await outcomeOf(send(store(), chatToken, creator, textMessages(1)))).toBe('stored');
    });

    it('accepts a pure repeat, and counts only the new messages of a mixed request', async () => {
      const chat = await createReady();
      const { chatToken, creator, joiner } = chat;
      const messages = textMessages(INBOX_LIMIT - 2);
      await sendInBatches(chat, messages);
      const mixed = [...messages.slice(-19), ...textMessages(1)];

      expect(await outcomeOf(send(store(), chatToken, creator, mixed))).toBe('stored');
      expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);
      expect(await outcomeOf(send(elsewhere(), chatToken, creator, mixed))).toBe('stored');
      expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);
    });

    it('accepts a pure repeat also when system messages went over the limit', async () => {
      const chat = await createReady();
      const { chatToken, creator, joiner } = chat;
      const messages = textMessages(INBOX_LIMIT - 1);
      await sendInBatches(chat, messages);
      const notices = noticesOf('intruder');
      await store().noticeIntruder({ chatToken, at: now, notSince: now - MINUTE, notices });
      expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT + 1);

      const repeat = send(elsewhere(), chatToken, creator, messages.slice(-20));

      expect(await outcomeOf(repeat)).toBe('stored');
      expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT + 1);
    });

    it('does not overflow when many send at once', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const perRequest = 7;

      const outcomes = await inCrowd((from) =>
        outcomeOf(send(from, chatToken, creator, textMessages(perRequest))),
      );

      const stored = outcomes.filter((outcome) => outcome === 'stored').length;
      expect(stored).toBe(Math.floor(INBOX_LIMIT / perRequest));
      expect(outcomes.filter((outcome) => outcome === 'inbox full')).toHaveLength(CROWD - stored);
      expect(await messagesOf(chatToken, joiner)).toHaveLength(stored * perRequest);
    });

    it('still takes the notices of a close', async () => {
      const chat = await createReady();
      await sendInBatches(chat, textMessages(INBOX_LIMIT - 1));

      await closeNow(store(), chat.chatToken);

      const messages = await messagesOf(chat.chatToken, chat.joiner);
      expect(messages).toHaveLength(INBOX_LIMIT + 1);
      expect(messages.at(-1)).toMatchObject({ event: 'closed' });
    });
  });
}
