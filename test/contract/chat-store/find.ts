/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type Token } from '../../../src/chat/chat.ts';
import { noticesOf } from '../../support/chats.ts';
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
    it('finds nothing under an unknown token or a user token', async () => {
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
    it('knows the creator and the joiner by both tokens', async () => {
      const { chatToken, creator, joiner } = await createReady({ encrypted: true });
      const facts = { chatToken, encrypted: true, created: now };

      for (const from of views()) {
        expect(await from.findParticipant(chatToken, creator)).toEqual({
          ...facts,
          userToken: creator,
          role: 'creator',
        });
        expect(await from.findParticipant(chatToken, joiner)).toEqual({
          ...facts,
          userToken: joiner,
          role: 'joiner',
        });
      }
    });

    it('knows the joiner of a chat in which it knew only the creator', async () => {
      const draft = await createDraft();
      const joiner = newToken();
      for (const from of views()) {
        await from.findParticipant(draft.token, draft.creator);
        expect(await from.findParticipant(draft.token, joiner)).toBeNull();
      }

      await store().join({
        chatToken: draft.token,
        userToken: joiner,
        at: now,
        createdAfter: 0,
        notices: noticesOf('joined'),
      });

      for (const from of views()) {
        expect(await from.findParticipant(draft.token, joiner)).not.toBeNull();
      }
    });

    it('knows nobody whose tokens do not belong together', async () => {
      const one = await createReady();
      const other = await createReady();
      const strangers: [Token, Token][] = [
        [one.chatToken, newToken()],
        [newToken(), one.creator],
        [one.chatToken, other.creator],
        [one.chatToken, other.joiner],
        [one.creator, one.chatToken],
        [one.chatToken, one.chatToken],
        [one.creator, one.joiner],
      ];

      for (const [chatToken, userToken] of strangers) {
        expect(await store().findParticipant(chatToken, userToken)).toBeNull();
      }
    });

    it('does not take a draft without joiner for a chat of everybody', async () => {
      const { token } = await createDraft();

      expect(await store().findParticipant(token, newToken())).toBeNull();
    });
  });
}
