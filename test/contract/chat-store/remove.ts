/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { textMessages } from '../../support/chats.ts';
import { HOUR, now, type ReadyChat, type StoreUnderTest } from './setup.ts';

export function describeRemove({
  store,
  elsewhere,
  views,
  createDraft,
  createReady,
  eventsOf,
  createQuiet,
  send,
  closeNow,
}: StoreUnderTest): void {
  describe('removeFinished', () => {
    const closedBefore = now - 3 * HOUR;
    const createdBefore = now - 20 * HOUR;

    /** Removes in steps of `limit`; gives the counts of all steps. */
    const removeAll = async (limit: number): Promise<number[]> => {
      const counts: number[] = [];
      for (;;) {
        const count = await store().removeFinished({ at: now, closedBefore, createdBefore, limit });
        counts.push(count);
        if (count < limit) return counts;
      }
    };

    const createClosed = async (closed: number): Promise<ReadyChat> => {
      const chat = await createReady({ created: closed });
      await closeNow(store(), chat.chatToken, closed);
      return chat;
    };

    beforeEach(async () => {
      await removeAll(100);
    });

    it('removes what was closed at or before the given time, for everybody', async () => {
      const { chatToken, creator, joiner } = await createClosed(closedBefore);
      await send(store(), chatToken, creator, textMessages(2));

      expect(await removeAll(100)).toEqual([1]);

      for (const from of views()) {
        expect(await from.find(chatToken)).toBeNull();
        expect(await from.readInbox({ chatToken, userId: joiner })).toBeNull();
        expect(await send(from, chatToken, creator, textMessages(1))).toBeNull();
      }
    });

    it('removes what was created at or before the given time, whatever its status', async () => {
      const draft = await createDraft({ created: createdBefore });
      const ready = await createReady({ created: createdBefore });
      const closed = await createReady({ created: createdBefore });
      await closeNow(store(), closed.chatToken, now);

      expect(await removeAll(100)).toEqual([3]);

      for (const token of [draft.token, ready.chatToken, closed.chatToken]) {
        expect(await store().find(token)).toBeNull();
      }
    });

    it('removes nothing else', async () => {
      const created = createdBefore + 1;
      const draft = await createDraft({ created });
      const ready = await createQuiet({ created });
      const justClosed = await createClosed(closedBefore + 1);
      const unread = await createQuiet({ created });
      await closeNow(store(), unread.chatToken, closedBefore + 1);

      expect(await removeAll(100)).toEqual([0]);

      for (const token of [draft.token, ready.chatToken, justClosed.chatToken]) {
        expect(await store().find(token)).not.toBeNull();
      }
      expect(await eventsOf(unread.chatToken, unread.joiner)).toEqual(['closed']);
    });

    it('removes no more than the limit at once, and says when nothing is left', async () => {
      const chats: ReadyChat[] = [];
      for (let index = 0; index < 5; index += 1) chats.push(await createClosed(closedBefore));

      expect(await removeAll(2)).toEqual([2, 2, 1]);

      for (const { chatToken } of chats) expect(await store().find(chatToken)).toBeNull();
    });

    it('removes everything once when it runs many times at once', async () => {
      for (let index = 0; index < 4; index += 1) await createClosed(closedBefore);

      const counts = await Promise.all(
        views().flatMap((from) => [
          from.removeFinished({ at: now, closedBefore, createdBefore, limit: 10 }),
          from.removeFinished({ at: now, closedBefore, createdBefore, limit: 10 }),
        ]),
      );

      expect(counts.reduce((sum, count) => sum + count)).toBe(4);
      expect(await removeAll(10)).toEqual([0]);
    });
  });

  describe('remove', () => {
    it('removes a chat of any status at once and gives it as it was', async () => {
      const draft = await createDraft();
      const ready = await createReady();
      const closed = await createReady();
      await closeNow(store(), closed.chatToken);

      for (const token of [draft.token, ready.chatToken, closed.chatToken]) {
        const before = await store().find(token);
        expect(before).not.toBeNull();
        expect(await store().remove(token, now)).toEqual(before);
        expect(await elsewhere().find(token)).toBeNull();
      }
      const { chatToken, creator, joiner } = ready;
      expect(await store().readInbox({ chatToken, userId: joiner })).toBeNull();
      expect(await send(elsewhere(), chatToken, creator, textMessages(1))).toBeNull();
    });

    it('finds nothing to remove twice', async () => {
      const { token } = await createDraft();
      await store().remove(token, now);

      expect(await elsewhere().remove(token, now)).toBeNull();
      expect(await store().remove(newToken(), now)).toBeNull();
    });
  });
}
