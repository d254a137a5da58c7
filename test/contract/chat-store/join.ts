/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type Token } from '../../../src/chat/chat.ts';
import type { ChatStore } from '../../../src/chat/chat-store.ts';
import { noticesOf } from '../../support/chats.ts';
import { now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeJoin({
  store,
  createDraft,
  createReady,
  messagesOf,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('join', () => {
    const joinAs = (from: ChatStore, chatToken: Token, userToken: Token, createdAfter = 0) =>
      from.join({
        chatToken,
        userToken,
        at: now,
        createdAfter,
        notices: noticesOf('joined'),
      });

    it('makes a draft ready and tells both', async () => {
      const draft = await createDraft();
      const joiner = newToken();
      const notices = noticesOf('joined');

      const ready = await store().join({
        chatToken: draft.token,
        userToken: joiner,
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
        const userToken = newToken();
        const chat = await joinAs(from, draft.token, userToken);
        return chat === null ? null : { chat, userToken };
      });

      const winners = withoutNull(results);
      expect(winners).toHaveLength(1);
      const [{ chat, userToken }] = winners as [(typeof winners)[0]];
      expect(chat.joiner).toBe(userToken);
      expect(await store().find(draft.token)).toEqual(chat);
      expect(await messagesOf(draft.token, draft.creator)).toHaveLength(2);
      expect(await messagesOf(draft.token, userToken)).toHaveLength(1);
    });

    it('lets nobody into a ready, a closed or an unknown chat', async () => {
      const { chatToken, creator } = await createReady();
      const draft = await createDraft();
      await closeNow(store(), draft.token);

      for (const token of [chatToken, draft.token, newToken(), creator]) {
        expect(await joinAs(store(), token, newToken())).toBeNull();
      }
      expect(await messagesOf(chatToken, creator)).toHaveLength(2);
      expect(await store().find(draft.token)).toMatchObject({ status: 'closed', joiner: null });
    });

    it('lets nobody into a chat that was not created after the given time', async () => {
      const draft = await createDraft();

      expect(await joinAs(store(), draft.token, newToken(), now)).toBeNull();
      expect(await store().find(draft.token)).toEqual(draft);
      expect(await joinAs(store(), draft.token, newToken(), now - 1)).not.toBeNull();
    });
  });
}
