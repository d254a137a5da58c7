/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import type { Chat } from '../../../src/chat/chat.ts';
import { HOUR, now, type StoreUnderTest } from './setup.ts';

export function describeList({
  store,
  elsewhere,
  createDraft,
  createReady,
  closeNow,
}: StoreUnderTest): void {
  describe('list', () => {
    /** Later than any other chat of the suite; each test has an hour of its own. */
    let future = now;
    beforeEach(() => {
      future += HOUR;
    });

    it('gives the newest first', async () => {
      const chats: Chat[] = [];
      for (const offset of [2, 0, 3, 1]) {
        chats.push(await createDraft({ created: future + offset }));
      }

      const listed = await elsewhere().list({ before: null, limit: 4 });

      expect(listed).toEqual(chats.toSorted((a, b) => b.created - a.created));
    });

    it('goes on after the given chat without losing or repeating any', async () => {
      const chats: Chat[] = [];
      for (const offset of [0, 1, 1, 1, 2]) {
        chats.push(await createDraft({ created: future + offset }));
      }

      const listed: Chat[] = [];
      while (listed.length < chats.length) {
        const page = await store().list({ before: listed.at(-1) ?? null, limit: 2 });
        expect(page).toHaveLength(2);
        listed.push(...page);
      }

      const byToken = (a: Chat, b: Chat) => (a.token < b.token ? -1 : 1);
      const mine = listed.slice(0, chats.length);
      expect(mine.toSorted(byToken)).toEqual(chats.toSorted(byToken));
      expect(mine.map(({ created }) => created - future)).toEqual([2, 1, 1, 1, 0]);
    });

    it('gives only chats of the wanted status', async () => {
      const older = await createReady({ created: future });
      await createDraft({ created: future + 1 });
      const newer = await createReady({ created: future + 2 });
      const closed = await createReady({ created: future + 3 });
      await closeNow(store(), closed.chatToken);

      const ready = await store().list({ before: null, limit: 2, status: 'ready' });
      const newestClosed = await store().list({ before: null, limit: 1, status: 'closed' });

      expect(ready.map(({ token }) => token)).toEqual([newer.chatToken, older.chatToken]);
      expect(newestClosed.map(({ token }) => token)).toEqual([closed.chatToken]);
    });
  });

  describe('countByStatus', () => {
    it('counts the chats of each status', async () => {
      const before = await store().countByStatus();
      await createDraft();
      await createReady();
      await createReady();
      const { token } = await createDraft();
      await closeNow(store(), token);

      expect(await elsewhere().countByStatus()).toEqual({
        draft: before.draft + 1,
        ready: before.ready + 2,
        closed: before.closed + 1,
      });
    });
  });
}
