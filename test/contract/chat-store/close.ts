/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type UserId } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import { noticesOf, received, textMessages, newUserId } from '../../support/chats.ts';
import { CROWD, HOUR, now, withoutNull, type StoreUnderTest } from './setup.ts';

export function describeClose({
  store,
  elsewhere,
  createDraft,
  messagesOf,
  eventsOf,
  createQuiet,
  send,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('close', () => {
    it('closes a ready chat, keeps what is undelivered and tells both', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(2);
      await send(store(), chatToken, creator, messages);
      const notices = noticesOf('closed');

      const chat = await store().close({ chatToken, at: now + 7, notices });

      expect(chat).toMatchObject({ token: chatToken, status: 'closed', closed: now + 7, joiner });
      expect(await elsewhere().find(chatToken)).toEqual(chat);
      expect(await messagesOf(chatToken, creator)).toEqual([notices.creator]);
      const toJoiner = [...messages.map(received), notices.joiner];
      expect(await messagesOf(chatToken, joiner)).toEqual(toJoiner);
    });

    it('closes a draft and tells its only participant', async () => {
      const draft = await createDraft();
      const notices = noticesOf('closed');

      const chat = await store().close({ chatToken: draft.token, at: now + 7, notices });

      expect(chat).toEqual({ ...draft, status: 'closed', closed: now + 7 });
      const messages = await messagesOf(draft.token, draft.creator);
      expect(messages.slice(1)).toEqual([notices.creator]);
    });

    it('closes once, however often it is asked', async () => {
      const { chatToken, creator } = await createQuiet();
      await closeNow(store(), chatToken, now);

      expect(await closeNow(elsewhere(), chatToken, now + 1)).toBeNull();

      expect(await store().find(chatToken)).toMatchObject({ closed: now });
      expect(await eventsOf(chatToken, creator)).toEqual(['closed']);
    });

    it('closes once of many times at once', async () => {
      const { chatToken, creator, joiner } = await createQuiet();

      const results = await inCrowd((from, index) => closeNow(from, chatToken, now + index));

      const [winner, ...others] = withoutNull(results);
      expect(others).toEqual([]);
      expect(await store().find(chatToken)).toEqual(winner);
      expect(await eventsOf(chatToken, creator)).toEqual(['closed']);
      expect(await eventsOf(chatToken, joiner)).toEqual(['closed']);
    });

    it('of an unknown chat changes nothing', async () => {
      expect(await closeNow(store(), newToken())).toBeNull();
    });

    it('and a join at once end in a closed chat or leave a joiner who was told', async () => {
      for (let round = 0; round < 10; round += 1) {
        const draft = await createDraft();
        const joiner = newUserId();
        const [joined] = await Promise.all([
          elsewhere().join({
            chatToken: draft.token,
            userId: joiner,
            at: now,
            createdAfter: 0,
            notices: noticesOf('joined'),
          }),
          closeNow(store(), draft.token),
        ]);

        expect(await store().find(draft.token)).toMatchObject({
          status: 'closed',
          joiner: joined === null ? null : joiner,
        });
        const inbox = await store().readInbox({ chatToken: draft.token, userId: joiner });
        expect(inbox?.messages.map(({ event }) => event)).toEqual(
          joined === null ? undefined : ['joined', 'closed'],
        );
      }
    });
  });

  describe('close unless somebody was seen', () => {
    const closeUnlessSeen = (chatToken: Token, userId: UserId, since: number) =>
      store().close({
        chatToken,
        at: now + HOUR,
        notices: noticesOf('absent'),
        unlessSeen: { userId, since },
      });

    it('leaves a chat whose participant was seen after that time', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      await store().readInbox({ chatToken, userId: joiner, at: now + 10 });

      expect(await closeUnlessSeen(chatToken, joiner, now + 9)).toBeNull();

      expect(await store().find(chatToken)).toMatchObject({ status: 'ready' });
      expect(await messagesOf(chatToken, creator)).toEqual([]);
    });

    it('closes a chat whose participant was not seen after that time', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      await store().readInbox({ chatToken, userId: joiner, at: now + 10 });
      await store().readInbox({ chatToken, userId: creator, at: now + 500 });

      expect(await closeUnlessSeen(chatToken, joiner, now + 10)).toMatchObject({
        status: 'closed',
        closed: now + HOUR,
      });

      expect(await eventsOf(chatToken, creator)).toEqual(['absent']);
      expect(await eventsOf(chatToken, joiner)).toEqual(['absent']);
    });

    it('counts a held poll as seen until it is over', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const until = now + 45_000;
      const poll = { chatToken, userId: joiner, pollId: newToken() };
      await store().beginPoll({ ...poll, at: now, until });

      expect(await closeUnlessSeen(chatToken, joiner, until - 1)).toBeNull();

      await store().endPoll({ ...poll, at: now + 20 });
      expect(await closeUnlessSeen(chatToken, joiner, now + 19)).toBeNull();
      expect(await closeUnlessSeen(chatToken, joiner, now + 20)).not.toBeNull();
      expect(await eventsOf(chatToken, creator)).toEqual(['absent']);
    });

    it('leaves a draft and a closed chat as they are', async () => {
      const draft = await createDraft();
      const { chatToken, joiner } = await createQuiet();
      await closeNow(store(), chatToken);

      expect(await closeUnlessSeen(draft.token, draft.creator, now + HOUR)).toBeNull();
      expect(await closeUnlessSeen(chatToken, joiner, now + HOUR)).toBeNull();

      expect(await store().find(draft.token)).toEqual(draft);
      expect(await eventsOf(chatToken, joiner)).toEqual(['closed']);
    });

    it('closes once of many times at once', async () => {
      const { chatToken, creator, joiner } = await createQuiet();

      const results = await Promise.all(
        Array.from({ length: CROWD }, () => closeUnlessSeen(chatToken, joiner, now + HOUR)),
      );

      expect(withoutNull(results)).toHaveLength(1);
      expect(await eventsOf(chatToken, creator)).toEqual(['absent']);
    });
  });
}
