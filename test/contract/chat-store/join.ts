/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type UserId } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import type { ChatStore } from '../../../src/chat/chat-store.ts';
import { noticesOf, newUserId } from '../../support/chats.ts';
import { now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeJoin({
  store,
  elsewhere,
  createDraft,
  createReady,
  messagesOf,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('join', () => {
    const joinAs = (from: ChatStore, chatToken: Token, userId: UserId, createdAfter = 0) =>
      from.join({
        chatToken,
        userId,
        at: now,
        createdAfter,
        notices: noticesOf('joined'),
      });

    it('makes a draft ready and tells both', async () => {
      const draft = await createDraft();
      const joiner = newUserId();
      const notices = noticesOf('joined');

      const ready = await store().join({
        chatToken: draft.token,
        userId: joiner,
        at: now,
        createdAfter: now - 1,
        notices,
      });

      expect(ready).toEqual({ ...draft, status: 'ready', joiner });
      expect((await messagesOf(draft.token, draft.creator))[1]).toEqual(notices.creator);
      expect(await messagesOf(draft.token, joiner)).toEqual([notices.joiner]);
    });

    it('lets exactly one of many in who join at once', async () => {
      const draft = await createDraft();
      const results = await inCrowd(async (from) => {
        const userId = newUserId();
        const chat = await joinAs(from, draft.token, userId);
        return chat === null ? null : { chat, userId };
      });

      const winners = withoutNull(results);
      expect(winners).toHaveLength(1);
      const [{ chat, userId }] = winners as [(typeof winners)[0]];
      expect(chat.joiner).toBe(userId);
      expect(await store().find(draft.token)).toEqual(chat);
      expect(await messagesOf(draft.token, draft.creator)).toHaveLength(2);
      expect(await messagesOf(draft.token, userId)).toHaveLength(1);
    });

    it('lets nobody into a ready, a closed or an unknown chat', async () => {
      const { chatToken, creator } = await createReady();
      const draft = await createDraft();
      await closeNow(store(), draft.token);

      for (const token of [chatToken, draft.token, newToken(), creator]) {
        expect(await joinAs(store(), token, newUserId())).toBeNull();
      }
      expect(await messagesOf(chatToken, creator)).toHaveLength(2);
      expect(await store().find(draft.token)).toMatchObject({ status: 'closed', joiner: null });
    });

    it('refuses the creator', async () => {
      const draft = await createDraft();

      expect(await joinAs(store(), draft.token, draft.creator)).toBeNull();

      expect(await store().find(draft.token)).toEqual(draft);
      expect(await messagesOf(draft.token, draft.creator)).toHaveLength(1);
    });

    it('is no join again when the joiner repeats it, and changes nothing', async () => {
      const { chatToken, creator, joiner } = await createReady();

      expect(await joinAs(elsewhere(), chatToken, joiner)).toBeNull();

      expect(await store().find(chatToken)).toMatchObject({ status: 'ready', joiner });
      expect(await messagesOf(chatToken, creator)).toHaveLength(2);
      expect(await messagesOf(chatToken, joiner)).toHaveLength(1);
    });

    it('succeeds once of many times at once by one joiner', async () => {
      const draft = await createDraft();
      const joiner = newUserId();

      const results = await inCrowd((from) => joinAs(from, draft.token, joiner));

      expect(withoutNull(results)).toHaveLength(1);
      expect(await messagesOf(draft.token, draft.creator)).toHaveLength(2);
      expect(await messagesOf(draft.token, joiner)).toHaveLength(1);
    });

    it('lets nobody into a chat that was not created after the given time', async () => {
      const draft = await createDraft();

      expect(await joinAs(store(), draft.token, newUserId(), now)).toBeNull();
      expect(await store().find(draft.token)).toEqual(draft);
      expect(await joinAs(store(), draft.token, newUserId(), now - 1)).not.toBeNull();
    });
  });
}
