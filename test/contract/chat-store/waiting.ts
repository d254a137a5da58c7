/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { idsOf, textMessages } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describeWaiting({
  store,
  elsewhere,
  createDraft,
  createReady,
  readInbox,
  createQuiet,
  send,
  closeNow,
  expireNow,
}: StoreUnderTest): void {
  describe('what waits for the talker', () => {
    it('is counted for its sender only', async () => {
      const { chatToken, creator, joiner } = await createQuiet();

      await send(store(), chatToken, creator, textMessages(3));
      await send(elsewhere(), chatToken, joiner, textMessages(1));

      expect((await readInbox(chatToken, creator)).waiting).toBe(3);
      expect((await readInbox(chatToken, joiner)).waiting).toBe(1);
    });

    it('are messages, not what the system tells', async () => {
      const draft = await createDraft();
      const { chatToken, creator, joiner } = await createReady();

      expect((await readInbox(draft.token, draft.creator)).waiting).toBe(0);
      expect((await readInbox(chatToken, creator)).waiting).toBe(0);
      expect((await readInbox(chatToken, joiner)).waiting).toBe(0);
    });

    it('becomes less with every acknowledgement, and is found by a poll and by a sign of life', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(5);
      await send(store(), chatToken, creator, messages);
      const ids = idsOf(messages.slice(0, 2));

      await elsewhere().acknowledge({ chatToken, userId: joiner, at: now, ids });

      const caller = { chatToken, userId: creator, at: now };
      expect(await store().readInbox(caller)).toMatchObject({ waiting: 3, messages: [] });
      const poll = { ...caller, pollId: newToken(), until: now + 1000 };
      expect(await store().beginPoll(poll)).toMatchObject({ waiting: 3, messages: [] });
    });

    it('stays when the chat is closed, and is nothing when it expires', async () => {
      const { chatToken, creator } = await createQuiet();
      await send(store(), chatToken, creator, textMessages(2));

      await closeNow(store(), chatToken);
      expect((await readInbox(chatToken, creator)).waiting).toBe(2);

      await expireNow(store(), chatToken);
      expect((await readInbox(chatToken, creator)).waiting).toBe(0);
    });
  });
}
