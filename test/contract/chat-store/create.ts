/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { draftChat, systemMessage, creationOf } from '../../support/chats.ts';
import { now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeCreate({
  store,
  elsewhere,
  opened,
  createDraft,
  readInbox,
  messagesOf,
  createReady,
  joinDraft,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('create', () => {
    it('adds a draft whose only message is the creator’s first', async () => {
      const chat = draftChat({ created: now });
      const welcome = systemMessage('created');

      expect(await store().create(creationOf(chat, { welcome }))).toEqual({ chat, isNew: true });

      expect(await store().find(chat.token)).toEqual(chat);
      const { messages, ...rest } = await readInbox(chat.token, chat.creator);
      expect(messages).toEqual([{ ...welcome, accepted: now }]);
      expect(rest).toEqual({
        chat,
        waiting: 0,
        poll: null,
        pollBegan: null,
        seenUntil: now,
        talkerSeenUntil: null,
      });
    });

    it.each([true, false])('remembers that encrypted is %s', async (encrypted) => {
      const { token, creator } = await createDraft({ encrypted });

      expect(await store().find(token)).toMatchObject({ encrypted });
      expect(await store().findParticipant({ chatToken: token, userId: creator })).toMatchObject({
        encrypted,
      });
    });

    it('refuses a taken chat token and leaves the first chat as it was', async () => {
      const first = await createDraft();
      const second = draftChat({ token: first.token, encrypted: true, created: now + 1 });

      expect(await elsewhere().create(creationOf(second))).toBeNull();

      expect(await store().find(first.token)).toEqual(first);
      expect(await messagesOf(first.token, first.creator)).toHaveLength(1);
      expect(
        await store().readInbox({ chatToken: first.token, userId: second.creator }),
      ).toBeNull();
    });

    it('gives a chat token to exactly one of many who want it at once', async () => {
      const token = newToken();
      const results = await inCrowd(async (from) => {
        const chat = draftChat({ token, created: now });
        return (await from.create(creationOf(chat))) === null ? null : chat;
      });

      const winners = withoutNull(results);
      expect(winners).toHaveLength(1);
      expect(await store().find(token)).toEqual(winners[0]);
      expect(await messagesOf(token, winners[0]!.creator)).toHaveLength(1);
    });

    it('remembers how long one may be away', async () => {
      const { token } = await createDraft({ absenceCloseAfterMs: 86_400_000 });

      expect(await elsewhere().find(token)).toMatchObject({ absenceCloseAfterMs: 86_400_000 });
    });

    it('gives the chat of the same creator as it is, and adds nothing', async () => {
      const first = await createDraft();
      const repeat = { ...first, encrypted: true, created: now + 1 };

      expect(await elsewhere().create(creationOf(repeat))).toEqual({ chat: first, isNew: false });

      expect(await store().find(first.token)).toEqual(first);
      expect(await messagesOf(first.token, first.creator)).toHaveLength(1);
    });

    it('gives the chat of the same creator also when it has a joiner or is closed', async () => {
      const draft = await createDraft();
      await joinDraft(draft);
      const ready = await store().find(draft.token);
      expect(await store().create(creationOf(draft))).toEqual({ chat: ready, isNew: false });

      const closed = await closeNow(store(), draft.token);
      expect(await store().create(creationOf(draft))).toEqual({ chat: closed, isNew: false });
    });

    it('refuses the joiner’s repeat: only the creator has created it', async () => {
      const { chatToken, joiner } = await createReady();
      const repeat = draftChat({ token: chatToken, creator: joiner, created: now });

      expect(await store().create(creationOf(repeat))).toBeNull();
    });

    it('of one creator is new once, however many repeat it at once', async () => {
      const chat = draftChat({ created: now });

      const results = await inCrowd((from) => from.create(creationOf(chat)));

      expect(results.filter((result) => result?.isNew === true)).toHaveLength(1);
      expect(results.map((result) => result?.chat)).toEqual(results.map(() => chat));
      expect(await messagesOf(chat.token, chat.creator)).toHaveLength(1);
    });

    it('is seen through another connection, also one that is opened later', async () => {
      const chat = await createDraft();

      expect(await elsewhere().find(chat.token)).toEqual(chat);
      const later = await opened().another();
      expect(await later.find(chat.token)).toEqual(chat);
    });
  });
}
