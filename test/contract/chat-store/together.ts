/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { newToken } from '../../../src/chat/chat.ts';
import { INBOX_LIMIT } from '../../../src/protocol.ts';
import { idsOf, newUserId, received, textMessages } from '../../support/chats.ts';
import { now, type StoreUnderTest } from './setup.ts';

/** Steps in the same moment: a store may take them together, and none of them is to notice. */
export function describeTogether({
  store,
  elsewhere,
  createQuiet,
  createDraft,
  messagesOf,
  send,
  sendInBatches,
  closeNow,
}: StoreUnderTest): void {
  describe('steps in the same moment', () => {
    it('have each its own outcome', async () => {
      const [free, closed, full, again] = await Promise.all([
        createQuiet(),
        createQuiet(),
        createQuiet(),
        createQuiet(),
      ]);
      const draft = await createDraft();
      await closeNow(elsewhere(), closed.chatToken);
      await sendInBatches(full, textMessages(INBOX_LIMIT));
      const known = textMessages(3);
      await send(store(), again.chatToken, again.creator, known);
      const fresh = textMessages(2);

      const results = await Promise.all([
        send(store(), closed.chatToken, closed.creator, textMessages(1)),
        send(store(), free.chatToken, free.creator, fresh),
        send(store(), full.chatToken, full.creator, textMessages(1)),
        send(store(), again.chatToken, again.creator, known.slice(0, 2)),
        send(store(), draft.token, draft.creator, textMessages(1)),
        send(store(), free.chatToken, newUserId(), textMessages(1)),
        send(store(), newToken(), free.creator, textMessages(1)),
      ]);

      expect(results.map((result) => result?.outcome)).toEqual([
        'not ready',
        'stored',
        'inbox full',
        'stored',
        'not ready',
        undefined,
        undefined,
      ]);
      expect(await messagesOf(free.chatToken, free.joiner)).toEqual(fresh.map(received));
      expect(await messagesOf(again.chatToken, again.joiner)).toEqual(known.map(received));
      expect(await messagesOf(full.chatToken, full.joiner)).toHaveLength(INBOX_LIMIT);
    });

    it('of the two of one chat are all taken', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const [first, ...others] = [textMessages(1), textMessages(2), textMessages(3)] as const;
      await send(store(), chatToken, creator, first);

      await Promise.all([
        store().acknowledge({ chatToken, userId: joiner, at: now, ids: idsOf(first) }),
        ...others.map((messages) => send(store(), chatToken, creator, messages)),
        send(store(), chatToken, joiner, first),
      ]);

      const inbox = await messagesOf(chatToken, joiner);
      expect(new Set(idsOf(inbox))).toEqual(new Set(others.flatMap(idsOf)));
      expect(await messagesOf(chatToken, creator)).toEqual(first.map(received));
    });

    it('erase what each acknowledges, and nothing else', async () => {
      const chats = await Promise.all([createQuiet(), createQuiet(), createQuiet()]);
      const sent = chats.map(() => textMessages(2));
      await Promise.all(
        chats.map(({ chatToken, creator }, index) =>
          send(store(), chatToken, creator, sent[index]!),
        ),
      );
      await closeNow(elsewhere(), chats[1].chatToken);

      // The second knows the ids of the first, the third acknowledges as the sender.
      await Promise.all([
        store().acknowledge({
          ...{ chatToken: chats[0].chatToken, userId: chats[0].joiner, at: now },
          ids: [sent[0]![0]!._id, newToken()],
        }),
        store().acknowledge({
          ...{ chatToken: chats[1].chatToken, userId: chats[1].joiner, at: now },
          ids: idsOf(sent[0]!),
        }),
        store().acknowledge({
          ...{ chatToken: chats[2].chatToken, userId: chats[2].creator, at: now },
          ids: idsOf(sent[2]!),
        }),
      ]);

      const left = await Promise.all(
        chats.map(({ chatToken, joiner }) => messagesOf(chatToken, joiner)),
      );
      expect(left.map((messages) => messages.filter(({ system }) => !system))).toEqual([
        [received(sent[0]![1]!)],
        sent[1]!.map(received),
        sent[2]!.map(received),
      ]);
    });
  });
}
