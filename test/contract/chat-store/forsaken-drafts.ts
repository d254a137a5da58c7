/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { HOUR, MINUTE, now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeForsakenDrafts({
  store,
  elsewhere,
  createDraft,
  createReady,
  closeNow,
}: StoreUnderTest): void {
  describe('removeForsakenDraft', () => {
    const notSeenSince = now - 10 * MINUTE;
    const removeNext = () => store().removeForsakenDraft({ at: now, notSeenSince });

    beforeEach(async () => {
      // Those of other tests.
      while ((await store().removeForsakenDraft({ at: now, notSeenSince: now + HOUR })) !== null);
    });

    it('removes the draft whose creator was away longest, one at a time', async () => {
      const first = await createDraft({ created: now - 3 * HOUR });
      const second = await createDraft({ created: now - 2 * HOUR });
      const third = await createDraft({ created: now - HOUR });
      const back = { chatToken: first.token, userId: first.creator };
      await store().readInbox({ ...back, at: now - 20 * MINUTE });

      expect(await removeNext()).toEqual(second);
      expect(await elsewhere().find(second.token)).toBeNull();
      expect(await removeNext()).toEqual(third);
      expect(await removeNext()).toEqual(first);
      expect(await removeNext()).toBeNull();
    });

    it('leaves a draft whose creator was seen after the given time', async () => {
      const absent = await createDraft({ created: notSeenSince });
      const seen = await createDraft({ created: notSeenSince + 1 });

      expect(await removeNext()).toEqual(absent);
      expect(await removeNext()).toBeNull();

      expect(await store().find(seen.token)).toEqual(seen);
    });

    it('leaves a draft whose creator holds a poll, until it is over', async () => {
      const draft = await createDraft({ created: now - HOUR });
      const pollId = newToken();
      const poll = { chatToken: draft.token, userId: draft.creator, pollId };
      await store().beginPoll({ ...poll, at: now - HOUR, until: now });
      expect(await removeNext()).toBeNull();

      await store().endPoll({ ...poll, at: now - HOUR + MINUTE });

      expect(await removeNext()).toEqual(draft);
    });

    it('leaves what is no draft', async () => {
      const ready = await createReady({ created: now - HOUR });
      const closed = await createDraft({ created: now - HOUR });
      await closeNow(store(), closed.token);

      expect(await removeNext()).toBeNull();

      expect(await store().find(ready.chatToken)).toMatchObject({ status: 'ready' });
      expect(await store().find(closed.token)).toMatchObject({ status: 'closed' });
    });

    it('removes a different one for each of many at once', async () => {
      for (let draft = 0; draft < 5; draft += 1) await createDraft({ created: now - HOUR });

      const removed = withoutNull(await Promise.all(Array.from({ length: 8 }, removeNext)));

      expect(new Set(removed.map(({ token }) => token)).size).toBe(5);
      expect(removed).toHaveLength(5);
    });
  });
}
