/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type UserId } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import { noticesOf, newUserId } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describeFind({
  store,
  elsewhere,
  views,
  createDraft,
  joinDraft,
  createReady,
  closeNow,
}: StoreUnderTest): void {
  describe('find', () => {
    it('finds nothing under an unknown token or a user id', async () => {
      const { creator, joiner } = await createReady();

      for (const token of [newToken(), creator, joiner]) {
        expect(await store().find(token)).toBeNull();
      }
    });

    it('gives the chat as it is now', async () => {
      const draft = await createDraft({ encrypted: true });
      const { joiner } = await joinDraft(draft);
      expect(await elsewhere().find(draft.token)).toEqual({ ...draft, status: 'ready', joiner });

      await closeNow(store(), draft.token, now + 5);
      expect(await elsewhere().find(draft.token)).toEqual({
        ...draft,
        status: 'closed',
        joiner,
        closed: now + 5,
      });
    });
  });

  describe('findParticipant', () => {
    it('knows the creator and the joiner by token and user id', async () => {
      const { chatToken, creator, joiner } = await createReady({ encrypted: true });
      const facts = { chatToken, encrypted: true, created: now };

      for (const from of views()) {
        expect(await from.findParticipant({ chatToken, userId: creator })).toEqual({
          ...facts,
          userId: creator,
          role: 'creator',
          key: chatToken + creator,
        });
        expect(await from.findParticipant({ chatToken, userId: joiner })).toEqual({
          ...facts,
          userId: joiner,
          role: 'joiner',
          key: chatToken + joiner,
        });
      }
    });

    it('knows the joiner of a chat in which it knew only the creator', async () => {
      const draft = await createDraft();
      const joiner = newUserId();
      for (const from of views()) {
        await from.findParticipant({ chatToken: draft.token, userId: draft.creator });
        expect(await from.findParticipant({ chatToken: draft.token, userId: joiner })).toBeNull();
      }

      await store().join({
        chatToken: draft.token,
        userId: joiner,
        at: now,
        createdAfter: 0,
        notices: noticesOf('joined'),
      });

      for (const from of views()) {
        expect(
          await from.findParticipant({ chatToken: draft.token, userId: joiner }),
        ).not.toBeNull();
      }
    });

    it('knows nobody whose token and user id do not belong together', async () => {
      const one = await createReady();
      const other = await createReady();
      const strangers: [Token, UserId][] = [
        [one.chatToken, newUserId()],
        [newToken(), one.creator],
        [one.chatToken, other.creator],
        [one.chatToken, other.joiner],
        [one.creator, one.chatToken],
        [one.chatToken, one.chatToken],
        [one.creator, one.joiner],
      ];

      for (const [chatToken, userId] of strangers) {
        expect(await store().findParticipant({ chatToken, userId })).toBeNull();
      }
    });

    it('tells those who ask in the same moment each of their own chat alone', async () => {
      const [one, other] = [await createReady(), await createReady()];
      const asked = [
        { chatToken: one.chatToken, userId: one.creator },
        { chatToken: one.chatToken, userId: other.joiner },
        { chatToken: other.chatToken, userId: other.joiner },
        { chatToken: newToken(), userId: one.creator },
        { chatToken: one.chatToken, userId: one.joiner },
      ];
      for (const from of views()) {
        const found = await Promise.all(asked.map(async (caller) => from.findParticipant(caller)));
        expect(found.map((participant) => participant?.role ?? null)).toEqual([
          'creator',
          null,
          'joiner',
          null,
          'joiner',
        ]);
        expect(found[2]?.chatToken).toBe(other.chatToken);
      }
    });

    it('does not take a draft without joiner for a chat of everybody', async () => {
      const { token } = await createDraft();

      expect(await store().findParticipant({ chatToken: token, userId: newUserId() })).toBeNull();
    });
  });
}
