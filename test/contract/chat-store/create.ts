/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { draftChat, systemMessage } from '../../support/chats.ts';
import { now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeCreate({
  store,
  elsewhere,
  opened,
  createDraft,
  readInbox,
  messagesOf,
  inCrowd,
}: StoreUnderTest): void {
  describe('create', () => {
    it('adds a draft whose only message is the creator’s first', async () => {
      const chat = draftChat({ created: now });
      const welcome = systemMessage('created');

      expect(await store().create(chat, welcome)).toBe(true);

      expect(await store().find(chat.token)).toEqual(chat);
      const { messages, ...rest } = await readInbox(chat.token, chat.creator);
      expect(messages).toEqual([welcome]);
      expect(rest).toEqual({ chat, poll: null, talkerSeenUntil: null });
    });

    it.each([true, false])('remembers that encrypted is %s', async (encrypted) => {
      const { token, creator } = await createDraft({ encrypted });

      expect(await store().find(token)).toMatchObject({ encrypted });
      expect(await store().findParticipant(token, creator)).toMatchObject({ encrypted });
    });

    it('refuses a taken chat token and leaves the first chat as it was', async () => {
      const first = await createDraft();
      const second = draftChat({ token: first.token, encrypted: true, created: now + 1 });

      expect(await elsewhere().create(second, systemMessage('created'))).toBe(false);

      expect(await store().find(first.token)).toEqual(first);
      expect(await messagesOf(first.token, first.creator)).toHaveLength(1);
      expect(await store().look({ chatToken: first.token, userToken: second.creator })).toBeNull();
    });

    it('gives a chat token to exactly one of many who want it at once', async () => {
      const token = newToken();
      const results = await inCrowd(async (from) => {
        const chat = draftChat({ token, created: now });
        return (await from.create(chat, systemMessage('created'))) ? chat : null;
      });

      const winners = withoutNull(results);
      expect(winners).toHaveLength(1);
      expect(await store().find(token)).toEqual(winners[0]);
      expect(await messagesOf(token, winners[0]!.creator)).toHaveLength(1);
    });

    it('is seen through another connection, also one that is opened later', async () => {
      const chat = await createDraft();

      expect(await elsewhere().find(chat.token)).toEqual(chat);
      const later = await opened().another();
      expect(await later.find(chat.token)).toEqual(chat);
    });
  });
}
