/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken, type UserId } from '../../../src/chat/chat.ts';
import type { Token } from '../../../src/protocol.ts';
import { received, textMessages } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describePolls({
  store,
  createReady,
  readInbox,
  createQuiet,
  send,
}: StoreUnderTest): void {
  describe('long polls', () => {
    const begin = (chatToken: Token, userId: UserId, pollId: Token, at: number) =>
      store().beginPoll({ chatToken, userId, pollId, at, until: at + 45_000 });

    it('read the inbox when they begin', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(2);
      await send(store(), chatToken, creator, messages);
      const pollId = newToken();

      const inbox = await begin(chatToken, joiner, pollId, now);

      expect(inbox).toMatchObject({
        chat: { token: chatToken, status: 'ready' },
        messages: messages.map(received),
        poll: pollId,
        supersedes: false,
      });
    });

    it('tell until when their participant was seen before, and is seen from now on', async () => {
      const { chatToken, creator } = await createReady();
      const pollId = newToken();

      expect(await begin(chatToken, creator, pollId, now + 5)).toMatchObject({
        wasSeenUntil: now,
        seenUntil: now + 5 + 45_000,
        talkerSeenUntil: now,
      });
      await store().endPoll({ chatToken, userId: creator, pollId, at: now + 9 });
      expect(await begin(chatToken, creator, newToken(), now + 20)).toMatchObject({
        wasSeenUntil: now + 9,
        seenUntil: now + 20 + 45_000,
      });
    });

    it('are known by the id of the newest, ended or not', async () => {
      const { chatToken, joiner } = await createReady();
      const [first, second] = [newToken(), newToken()];
      const poll = { chatToken, userId: joiner };

      expect((await readInbox(chatToken, joiner)).poll).toBeNull();
      await begin(chatToken, joiner, first, now);
      expect((await readInbox(chatToken, joiner)).poll).toBe(first);
      await store().endPoll({ ...poll, pollId: first, at: now + 5 });
      expect((await readInbox(chatToken, joiner)).poll).toBe(first);
      await begin(chatToken, joiner, second, now + 6);
      expect((await readInbox(chatToken, joiner)).poll).toBe(second);
    });

    it('are known with the time at which the newest began, however long it is held', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const [pollId, until] = [newToken(), now + 90_000];
      const poll = { chatToken, userId: joiner, pollId };
      const began = async () => (await readInbox(chatToken, joiner)).pollBegan;

      expect(await began()).toBeNull();
      expect(await begin(chatToken, joiner, newToken(), now)).toMatchObject({ pollBegan: now });
      expect(await begin(chatToken, joiner, pollId, now + 5)).toMatchObject({ pollBegan: now + 5 });
      expect(await began()).toBe(now + 5);
      await store().keepPoll({ ...poll, at: now + 7, until });
      await store().readInbox({ chatToken, userId: joiner, at: now + 8 });
      await store().endPoll({ ...poll, at: now + 9 });

      expect(await began()).toBe(now + 5);
      expect((await readInbox(chatToken, creator)).pollBegan).toBeNull();
    });

    it('supersede an older one that is still held', async () => {
      const { chatToken, joiner } = await createReady();
      await begin(chatToken, joiner, newToken(), now);

      expect(await begin(chatToken, joiner, newToken(), now + 5)).toMatchObject({
        supersedes: true,
      });
    });

    it('supersede nothing that has ended or is over', async () => {
      const { chatToken, joiner } = await createReady();
      const first = newToken();
      await begin(chatToken, joiner, first, now);
      await store().endPoll({ chatToken, userId: joiner, pollId: first, at: now + 5 });

      const second = await begin(chatToken, joiner, newToken(), now + 6);
      const third = await begin(chatToken, joiner, newToken(), now + 6 + 45_000);

      expect(second).toMatchObject({ supersedes: false });
      expect(third).toMatchObject({ supersedes: false });
    });

    it('of the two participants do not supersede each other', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const ofCreator = newToken();
      await begin(chatToken, creator, ofCreator, now);

      expect(await begin(chatToken, joiner, newToken(), now)).toMatchObject({
        supersedes: false,
      });
      expect((await readInbox(chatToken, creator)).poll).toBe(ofCreator);
    });

    it('leave a sign of life at their end', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const pollId = newToken();
      await begin(chatToken, joiner, pollId, now);

      await store().endPoll({ chatToken, userId: joiner, pollId, at: now + 1234 });

      expect((await readInbox(chatToken, creator)).talkerSeenUntil).toBe(now + 1234);
    });

    it('leave no trace when they end after they were superseded', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const [first, second] = [newToken(), newToken()];
      await begin(chatToken, joiner, first, now);
      await begin(chatToken, joiner, second, now + 5);

      await store().endPoll({ chatToken, userId: joiner, pollId: first, at: now + 6 });

      expect((await readInbox(chatToken, joiner)).poll).toBe(second);
      expect((await readInbox(chatToken, creator)).talkerSeenUntil).toBe(now + 5 + 45_000);
      expect(await begin(chatToken, joiner, newToken(), now + 7)).toMatchObject({
        supersedes: true,
      });
    });

    it('may end after their chat was removed', async () => {
      const { chatToken, joiner } = await createReady();
      const pollId = newToken();
      await begin(chatToken, joiner, pollId, now);
      await store().remove(chatToken, now);

      await store().endPoll({ chatToken, userId: joiner, pollId, at: now + 1 });

      expect(await store().find(chatToken)).toBeNull();
    });
  });
}
