/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import type { Chat } from '../../../src/chat/chat.ts';
import { creationOf, draftChat, newUserId } from '../../support/chats.ts';
import { HOUR, now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeUsedInvitations({
  store,
  elsewhere,
  view,
  createDraft,
  createReady,
  closeNow,
  emptyInbox,
}: StoreUnderTest): void {
  describe('a used invitation', () => {
    /** Every way in which a chat is removed, at a time. */
    const ways: Readonly<Record<string, (draft: Chat, at: number) => Promise<unknown>>> = {
      'an operator': ({ token }, at) => store().remove(token, at),
      'the last acknowledgement': async ({ token, creator }, at) => {
        await closeNow(store(), token, at);
        const { messages } = (await store().readInbox({ chatToken: token, userId: creator }))!;
        const ids = messages.map(({ _id }) => _id);
        await store().acknowledge({ chatToken: token, userId: creator, at, ids });
      },
      'the termination job': async ({ token }, at) => {
        await closeNow(store(), token, now - 10 * HOUR);
        const page = { closedBefore: now - 10 * HOUR, createdBefore: now - 30 * HOUR };
        while ((await store().removeFinished({ ...page, at, limit: 100 })) === 100);
      },
      'a new chat that needs room': async ({ token }, at) => {
        const notSeenSince = now + HOUR;
        while ((await store().removeForsakenDraft({ at, notSeenSince }))?.token !== token);
      },
    };

    it.each(Object.keys(ways))(
      'is remembered with its time when %s removes the chat',
      async (way) => {
        const draft = await createDraft();
        expect(await elsewhere().wasRemoved(draft.token, 0)).toBe(false);

        await ways[way]!(draft, now + 5);

        expect(await elsewhere().find(draft.token)).toBeNull();
        expect(await elsewhere().wasRemoved(draft.token, now + 4)).toBe(true);
        expect(await elsewhere().wasRemoved(draft.token, now + 5)).toBe(false);
      },
    );

    it('is none that never was, or whose chat is there', async () => {
      const { chatToken } = await createReady();

      expect(await store().wasRemoved(chatToken, 0)).toBe(false);
      expect(await store().wasRemoved(newToken(), 0)).toBe(false);
      expect(await store().remove(newToken(), now)).toBeNull();
    });

    it('opens no other chat, not even for its creator', async () => {
      const draft = await createDraft();
      await store().remove(draft.token, now + 5);

      for (const creator of [newUserId(), draft.creator]) {
        const again = draftChat({ token: draft.token, creator, created: now + 6 });
        expect(await elsewhere().create(creationOf(again, { usedAfter: now + 4 }))).toBeNull();
        expect(await store().find(draft.token)).toBeNull();
      }
    });

    it('is free when it was used long enough ago', async () => {
      const { token } = await createDraft();
      await store().remove(token, now + 5);

      const again = draftChat({ token, created: now + 6 });

      expect(await store().create(creationOf(again, { usedAfter: now + 5 }))).toEqual({
        chat: again,
        isNew: true,
      });
    });

    it('is as old as the last chat under it', async () => {
      const { token } = await createDraft();
      await store().remove(token, now + 5);
      await store().create(creationOf(draftChat({ token, created: now }), { usedAfter: now + 5 }));

      await store().remove(token, now + 9);

      expect(await store().wasRemoved(token, now + 8)).toBe(true);
    });

    it('is forgotten when it is old enough, and not before', async () => {
      const older = await createDraft();
      const younger = await createDraft();
      await store().remove(older.token, now + 5);
      await store().remove(younger.token, now + 6);

      await elsewhere().forgetInvitations(now + 5);

      expect(await store().wasRemoved(older.token, 0)).toBe(false);
      expect(await store().wasRemoved(younger.token, 0)).toBe(true);
    });

    it('is not free for a moment while its chat is removed', async () => {
      for (let round = 0; round < 15; round += 1) {
        const { chatToken, creator, joiner } = await createReady();
        await closeNow(store(), chatToken);
        await emptyInbox(chatToken, joiner);
        const { messages } = (await store().readInbox({ chatToken, userId: creator }))!;
        const ids = messages.map(({ _id }) => _id);

        const [, ...created] = await Promise.all([
          store().acknowledge({ chatToken, userId: creator, at: now, ids }),
          ...Array.from({ length: 8 }, (_, index) =>
            view(index).create(creationOf(draftChat({ token: chatToken, created: now }))),
          ),
        ]);

        expect(withoutNull(created)).toEqual([]);
        expect(await store().find(chatToken)).toBeNull();
      }
    });
  });
}
