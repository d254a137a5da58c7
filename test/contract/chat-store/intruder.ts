/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import type { ChatStore } from '../../../src/chat/chat-store.ts';
import { noticesOf } from '../../support/chats.ts';
import { MINUTE, now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeIntruder({
  store,
  elsewhere,
  createDraft,
  messagesOf,
  eventsOf,
  createQuiet,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('noticeIntruder', () => {
    const notice = (from: ChatStore, chatToken: Token, at: number, notSince: number) =>
      from.noticeIntruder({ chatToken, at, notSince, notices: noticesOf('intruder') });

    it('tells both participants of a ready chat', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const notices = noticesOf('intruder');

      const chat = await store().noticeIntruder({
        chatToken,
        at: now,
        notSince: now - MINUTE,
        notices,
      });

      expect(chat).toEqual(await store().find(chatToken));
      expect(chat).toMatchObject({ status: 'ready', creator, joiner });
      expect(await messagesOf(chatToken, creator)).toEqual([notices.creator]);
      expect(await messagesOf(chatToken, joiner)).toEqual([notices.joiner]);
    });

    it('tells nothing again when it was told after the given time', async () => {
      const { chatToken, creator } = await createQuiet();
      await notice(store(), chatToken, now, now - MINUTE);

      expect(await notice(elsewhere(), chatToken, now + 1, now - 1)).toBeNull();
      expect(await eventsOf(chatToken, creator)).toEqual(['intruder']);

      expect(await notice(elsewhere(), chatToken, now + MINUTE, now)).not.toBeNull();
      expect(await eventsOf(chatToken, creator)).toEqual(['intruder', 'intruder']);
    });

    it('tells once of many times at once', async () => {
      const { chatToken, creator, joiner } = await createQuiet();

      const results = await inCrowd((from) => notice(from, chatToken, now, now - MINUTE));

      expect(withoutNull(results)).toHaveLength(1);
      expect(await eventsOf(chatToken, creator)).toEqual(['intruder']);
      expect(await eventsOf(chatToken, joiner)).toEqual(['intruder']);
    });

    it('tells nobody of a draft, a closed or an unknown chat', async () => {
      const draft = await createDraft();
      const { chatToken, creator } = await createQuiet();
      await closeNow(store(), chatToken);

      for (const token of [draft.token, chatToken, newToken()]) {
        expect(await notice(store(), token, now, now - MINUTE)).toBeNull();
      }
      expect(await eventsOf(draft.token, draft.creator)).toEqual(['created']);
      expect(await eventsOf(chatToken, creator)).toEqual(['closed']);
    });
  });
}
