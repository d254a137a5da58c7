/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type UserId } from '../../../src/chat/chat.ts';
import type { OutgoingMessage } from '../../../src/protocol.ts';
import type { ChatStore } from '../../../src/chat/chat-store.ts';
import { inBatches, received, textMessages, textsOf, withoutTime } from '../../support/chats.ts';
import { CROWD, now, outcomeOf, type StoreUnderTest } from './setup.ts';

export function describeSend({
  store,
  elsewhere,
  views,
  view,
  createDraft,
  createReady,
  messagesOf,
  createQuiet,
  send,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('send', () => {
    it('puts messages into the talker’s inbox, in order, as they are', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const texts = [
        ' leading and trailing ',
        '👩\u200d👩\u200d👧 e\u0301 é 日本語 \u202e',
        '{"$set":{"status":"closed"}}',
        "'); DROP TABLE chats; --",
        '__proto__',
        'a\u2028b\r\nc\td\u{10FFFF}',
      ];
      const messages = texts.map((msg) => ({ _id: newToken(), msg }));

      const result = await store().send({ chatToken, userId: creator, at: now, messages });

      expect(result).toMatchObject({ outcome: 'stored', chat: { token: chatToken, joiner } });
      expect((await messagesOf(chatToken, joiner)).slice(1)).toEqual(messages.map(received));
      expect(await messagesOf(chatToken, creator)).toHaveLength(2);
    });

    it('goes both ways, and is seen through another connection', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const [fromCreator, fromJoiner] = textMessages(2) as [OutgoingMessage, OutgoingMessage];

      await send(store(), chatToken, creator, [fromCreator]);
      await send(elsewhere(), chatToken, joiner, [fromJoiner]);

      for (const from of views()) {
        const toJoiner = await from.readInbox({ chatToken, userId: joiner });
        const toCreator = await from.readInbox({ chatToken, userId: creator });
        expect(toJoiner?.messages.map(withoutTime)).toEqual([received(fromCreator)]);
        expect(toCreator?.messages.map(withoutTime)).toEqual([received(fromJoiner)]);
      }
    });

    it('stores nothing in a chat that is not ready', async () => {
      const draft = await createDraft();
      const { chatToken, creator, joiner } = await createReady();
      await closeNow(store(), chatToken);
      const before = await messagesOf(chatToken, joiner);

      const toDraft = await send(store(), draft.token, draft.creator, textMessages(1));
      const toClosed = await send(store(), chatToken, creator, textMessages(1));

      expect(toDraft).toEqual({ outcome: 'not ready', chat: draft });
      expect(toClosed).toMatchObject({ outcome: 'not ready', chat: { status: 'closed' } });
      expect(await messagesOf(draft.token, draft.creator)).toHaveLength(1);
      expect(await messagesOf(chatToken, joiner)).toEqual(before);
    });

    it('keeps the order of requests that follow one another through any connection', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(24);

      for (const [index, batch] of inBatches(messages, 3).entries()) {
        await send(view(index), chatToken, creator, batch);
      }

      expect(await messagesOf(chatToken, joiner)).toEqual(messages.map(received));
    });

    it('loses nothing and keeps each sender’s order when both send at once', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const talk = async (from: ChatStore, userId: UserId, name: string) => {
        const messages = textMessages(30, name);
        for (const batch of inBatches(messages, 2)) await send(from, chatToken, userId, batch);
        return textsOf(messages);
      };

      const [creatorSaid, joinerSaid] = await Promise.all([
        talk(store(), creator, 'creator'),
        talk(elsewhere(), joiner, 'joiner'),
      ]);

      expect(textsOf(await messagesOf(chatToken, joiner))).toEqual(creatorSaid);
      expect(textsOf(await messagesOf(chatToken, creator))).toEqual(joinerSaid);
    });

    it('loses nothing of requests sent at once and keeps the order within each', async () => {
      const { chatToken, creator, joiner } = await createQuiet();

      const requests = await inCrowd(async (from, index) => {
        const messages = textMessages(3, `request ${index}`);
        expect(await outcomeOf(send(from, chatToken, creator, messages))).toBe('stored');
        return textsOf(messages);
      });

      const stored = textsOf(await messagesOf(chatToken, joiner));
      expect(stored).toHaveLength(3 * CROWD);
      for (const texts of requests) {
        expect(stored.filter((text) => texts.includes(text))).toEqual(texts);
      }
    });
  });
}
