/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import {
  draftChat,
  idsOf,
  received,
  textMessages,
  textsOf,
  creationOf,
  withoutTime,
} from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

export function describeAcknowledge({
  store,
  elsewhere,
  views,
  createDraft,
  joinDraft,
  createReady,
  readInbox,
  messagesOf,
  emptyInbox,
  createQuiet,
  send,
  closeNow,
}: StoreUnderTest): void {
  describe('acknowledge', () => {
    it('erases exactly the named messages and keeps the order of the others', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(5);
      await send(store(), chatToken, creator, messages);
      const ids = idsOf([messages[1]!, messages[3]!]);

      const chat = await store().acknowledge({ chatToken, userId: joiner, at: now, ids });

      expect(chat).toEqual(await store().find(chatToken));
      const left = [messages[0]!, messages[2]!, messages[4]!].map(received);
      expect(await messagesOf(chatToken, joiner)).toEqual(left);
      const there = await elsewhere().readInbox({ chatToken, userId: joiner });
      expect(there?.messages.map(withoutTime)).toEqual(left);
    });

    it('touches the caller’s own inbox only', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const toJoiner = await messagesOf(chatToken, joiner);
      const ids = idsOf(toJoiner);

      expect(
        await store().acknowledge({ chatToken, userId: creator, at: now, ids }),
      ).not.toBeNull();

      expect(await messagesOf(chatToken, joiner)).toEqual(toJoiner);
      expect(await messagesOf(chatToken, creator)).toHaveLength(2);
    });

    it('tells two messages of the same id in two inboxes apart', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(1);
      await send(store(), chatToken, creator, messages);
      await send(store(), chatToken, joiner, messages);

      await emptyInbox(chatToken, joiner);

      expect(await messagesOf(chatToken, joiner)).toEqual([]);
      expect(await messagesOf(chatToken, creator)).toEqual(messages.map(received));
    });

    it('ignores unknown ids and may be repeated', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(2);
      await send(store(), chatToken, creator, messages);
      const ids = [newToken(), messages[0]!._id, messages[0]!._id];

      for (const from of [store(), elsewhere(), store()]) {
        const chat = await from.acknowledge({ chatToken, userId: joiner, at: now, ids });
        expect(chat).toMatchObject({ token: chatToken, status: 'ready' });
      }

      expect(await messagesOf(chatToken, joiner)).toEqual([received(messages[1]!)]);
    });

    it('does not lose a message that is sent meanwhile', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const old = textMessages(20, 'old');
      await send(store(), chatToken, creator, old);
      const fresh = textMessages(20, 'new');

      await Promise.all(
        old.map(async ({ _id }, index) => {
          const acknowledged = store().acknowledge({
            chatToken,
            userId: joiner,
            at: now,
            ids: [_id],
          });
          await send(elsewhere(), chatToken, creator, [fresh[index]!]);
          await acknowledged;
        }),
      );

      const left = textsOf(await messagesOf(chatToken, joiner));
      expect(left.toSorted()).toEqual(textsOf(fresh).toSorted());
    });

    it('leaves a chat that is not closed where it is, however empty', async () => {
      const { chatToken, joiner } = await createQuiet();
      const draft = await createDraft();
      await emptyInbox(draft.token, draft.creator);

      expect(await store().find(chatToken)).toMatchObject({ status: 'ready', joiner });
      expect(await store().find(draft.token)).toEqual(draft);
    });

    it('removes a closed chat when both inboxes are empty, and not before', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await closeNow(store(), chatToken);

      await emptyInbox(chatToken, creator);
      expect(await elsewhere().find(chatToken)).toMatchObject({ status: 'closed' });
      expect(await messagesOf(chatToken, creator)).toEqual([]);
      const [first, ...others] = idsOf(await messagesOf(chatToken, joiner));
      expect(others).not.toEqual([]);
      await store().acknowledge({ chatToken, userId: joiner, at: now, ids: others });
      expect(await elsewhere().find(chatToken)).not.toBeNull();

      const ids = [first!];
      const last = await store().acknowledge({ chatToken, userId: joiner, at: now, ids });
      expect(last).toMatchObject({ token: chatToken, status: 'closed' });
      for (const from of views()) {
        expect(await from.find(chatToken)).toBeNull();
        expect(await from.readInbox({ chatToken, userId: creator })).toBeNull();
        expect(await from.readInbox({ chatToken, userId: joiner })).toBeNull();
      }
    });

    it('removes a closed chat also when both acknowledge at once', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await closeNow(store(), chatToken);
      const ids = idsOf([
        ...(await messagesOf(chatToken, creator)),
        ...(await messagesOf(chatToken, joiner)),
      ]);

      await Promise.all([
        store().acknowledge({ chatToken, userId: creator, at: now, ids }),
        elsewhere().acknowledge({ chatToken, userId: joiner, at: now, ids }),
      ]);

      expect(await store().find(chatToken)).toBeNull();
    });

    it('removes a closed draft when its creator has read everything', async () => {
      const { token, creator } = await createDraft();
      await closeNow(store(), token);

      await emptyInbox(token, creator);

      expect(await store().find(token)).toBeNull();
    });

    it('leaves no trace of a removed chat in one that has its token later', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(1);
      await send(store(), chatToken, creator, messages);
      await closeNow(store(), chatToken);
      await emptyInbox(chatToken, creator);
      await emptyInbox(chatToken, joiner);

      const again = draftChat({ token: chatToken, created: now, creator });
      expect(await store().create(creationOf(again, { usedAfter: now }))).not.toBeNull();
      const { joiner: newJoiner } = await joinDraft(again);
      await send(store(), chatToken, creator, messages);

      const inbox = await readInbox(chatToken, newJoiner);
      expect(inbox.messages.slice(1).map(withoutTime)).toEqual(messages.map(received));
      expect(inbox.poll).toBeNull();
    });
  });
}
