/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { idsOf, textMessages } from '../../support/chats.ts';
import { MINUTE, HOUR, now, type StoreUnderTest } from './setup.ts';

export function describeStrangers({
  store,
  createReady,
  readInbox,
  messagesOf,
}: StoreUnderTest): void {
  describe('a stranger', () => {
    it('gets nothing from any operation of a participant, and changes nothing', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const other = await createReady();
      const before = await readInbox(chatToken, creator);
      const stranger = { chatToken, userId: other.creator, at: now + HOUR };

      expect(await store().send({ ...stranger, messages: textMessages(1) })).toBeNull();
      const ids = idsOf(before.messages);
      expect(await store().acknowledge({ ...stranger, ids })).toBeNull();
      expect(await store().readInbox(stranger)).toBeNull();
      const pollId = newToken();
      const until = stranger.at + MINUTE;
      expect(await store().beginPoll({ ...stranger, pollId, until })).toBeNull();
      await store().endPoll({ ...stranger, pollId });

      expect(await readInbox(chatToken, creator)).toEqual(before);
      expect(await messagesOf(chatToken, joiner)).toHaveLength(1);
    });
  });
}
