/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type Chat } from '../../../src/chat/chat.ts';
import { noticesOf, textMessages } from '../../support/chats.ts';
import { HOUR, now, type StoreUnderTest } from './setup.ts';

export function describeExpire({
  store,
  elsewhere,
  createDraft,
  createReady,
  messagesOf,
  eventsOf,
  emptyInbox,
  send,
  closeNow,
  expireNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('findOverdue', () => {
    /** Every overdue chat, page by page. */
    const allOverdue = async (createdBefore: number, limit: number): Promise<Chat[]> => {
      const all: Chat[] = [];
      for (;;) {
        const after = all.at(-1) ?? null;
        const page = await store().findOverdue({ createdAfter: 0, createdBefore, after, limit });
        expect(page.length).toBeLessThanOrEqual(limit);
        all.push(...page);
        if (page.length === 0) return all;
      }
    };

    it('pages by age through the chats created at or before the given time', async () => {
      const created = now - 2 * HOUR;
      const old: Chat[] = [];
      // Some of them at the same moment, so that a page ends among them.
      for (let index = 0; index < 7; index += 1) {
        old.push(await createDraft({ created: created - (index % 3) }));
      }
      const young = await createDraft({ created: created + 1 });

      const found = await allOverdue(created, 3);

      const tokens = found.map(({ token }) => token);
      const ages = found.map((chat) => chat.created);
      expect(ages).toEqual(ages.toSorted((a, b) => a - b));
      expect(new Set(tokens).size).toBe(tokens.length);
      for (const chat of old) expect(found).toContainEqual(chat);
      expect(tokens).not.toContain(young.token);
    });

    it('leaves out the chats created at or before the other end', async () => {
      const created = now - 2 * HOUR;
      const [older, younger] = [
        await createDraft({ created }),
        await createDraft({ created: created + 1 }),
      ];

      const page = {
        createdAfter: created,
        createdBefore: created + 1,
        after: null,
        limit: 1000,
      };
      const tokens = (await store().findOverdue(page)).map(({ token }) => token);

      expect(tokens).toContain(younger.token);
      expect(tokens).not.toContain(older.token);
    });

    it('finds chats of any status, but none twice that was expired', async () => {
      const created = now - 2 * HOUR;
      const draft = await createDraft({ created });
      const ready = await createReady({ created });
      const closed = await createReady({ created });
      await closeNow(store(), closed.chatToken);
      const mine = [draft.token, ready.chatToken, closed.chatToken];
      const found = async () => {
        const tokens = (await allOverdue(created, 100)).map(({ token }) => token);
        return mine.filter((token) => tokens.includes(token));
      };
      expect(await found()).toEqual(mine);

      for (const token of mine) await expireNow(elsewhere(), token);

      expect(await found()).toEqual([]);
    });
  });

  describe('expire', () => {
    it('closes a ready chat and leaves one notice in each inbox', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await send(store(), chatToken, creator, textMessages(3));
      const notices = noticesOf('expired');

      expect(await store().expire([{ chatToken, closed: now + 3, notices }])).toBe(1);

      expect(await elsewhere().find(chatToken)).toMatchObject({
        status: 'closed',
        closed: now + 3,
        joiner,
      });
      expect(await messagesOf(chatToken, creator)).toEqual([notices.creator]);
      expect(await messagesOf(chatToken, joiner)).toEqual([notices.joiner]);
    });

    it('closes a draft and leaves its creator one notice', async () => {
      const draft = await createDraft();
      const notices = noticesOf('expired');

      expect(await store().expire([{ chatToken: draft.token, closed: now, notices }])).toBe(1);

      expect(await store().find(draft.token)).toEqual({ ...draft, status: 'closed', closed: now });
      expect(await messagesOf(draft.token, draft.creator)).toEqual([notices.creator]);
    });

    it('keeps the time at which a chat was closed before', async () => {
      const { chatToken, creator } = await createReady();
      await closeNow(store(), chatToken, now + 1);

      expect(await expireNow(store(), chatToken, now + HOUR)).toBe(1);

      expect(await store().find(chatToken)).toMatchObject({ status: 'closed', closed: now + 1 });
      expect(await eventsOf(chatToken, creator)).toEqual(['expired']);
    });

    it('ends a lifetime once, however often it is asked', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await expireNow(store(), chatToken);
      await emptyInbox(chatToken, creator);

      expect(await expireNow(elsewhere(), chatToken)).toBe(0);

      expect(await messagesOf(chatToken, creator)).toEqual([]);
      expect(await messagesOf(chatToken, joiner)).toHaveLength(1);
    });

    it('ends a lifetime once of many times at once', async () => {
      const { chatToken, creator, joiner } = await createReady();

      const counts = await inCrowd((from) => expireNow(from, chatToken));

      expect(counts.toSorted().at(-1)).toBe(1);
      expect(counts.filter((count) => count === 1)).toHaveLength(1);
      expect(await eventsOf(chatToken, creator)).toEqual(['expired']);
      expect(await eventsOf(chatToken, joiner)).toEqual(['expired']);
    });

    it('counts the chats that it ended, and touches no other', async () => {
      const [one, two, other] = [await createReady(), await createDraft(), await createReady()];
      const gone = await createDraft();
      await expireNow(store(), gone.token);
      const tokens = [one.chatToken, newToken(), two.token, gone.token];

      const count = await store().expire(
        tokens.map((chatToken) => ({ chatToken, closed: now, notices: noticesOf('expired') })),
      );

      expect(count).toBe(2);
      expect(await store().find(one.chatToken)).toMatchObject({ status: 'closed' });
      expect(await store().find(two.token)).toMatchObject({ status: 'closed' });
      expect(await store().find(other.chatToken)).toMatchObject({ status: 'ready' });
      expect(await store().expire([])).toBe(0);
    });
  });
}
