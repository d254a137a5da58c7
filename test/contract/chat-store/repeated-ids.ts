/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { INBOX_LIMIT, REMEMBERED_IDS, type OutgoingMessage } from '../../../src/protocol.ts';
import { inBatches, received, textMessages } from '../../support/chats.ts';
import { outcomeOf, type StoreUnderTest } from './setup.ts';

export function describeRepeatedIds({
  store,
  elsewhere,
  views,
  createReady,
  messagesOf,
  emptyInbox,
  createQuiet,
  send,
  sendInBatches,
  closeNow,
  inCrowd,
}: StoreUnderTest): void {
  describe('a repeated message id', () => {
    it('is stored once within one request, as it came first', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const [one, two] = textMessages(2) as [OutgoingMessage, OutgoingMessage];
      const again = { ...one, msg: 'another text' };

      const outcome = await outcomeOf(send(store(), chatToken, creator, [one, two, again, two]));

      expect(outcome).toBe('stored');
      expect(await messagesOf(chatToken, joiner)).toEqual([one, two].map(received));
    });

    it('is stored once across requests and connections, and what is new comes through', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const [one, two, three] = textMessages(3) as [
        OutgoingMessage,
        OutgoingMessage,
        OutgoingMessage,
      ];

      await send(store(), chatToken, creator, [one, two]);
      expect(await outcomeOf(send(elsewhere(), chatToken, creator, [one, three]))).toBe('stored');

      expect(await messagesOf(chatToken, joiner)).toEqual([one, two, three].map(received));
    });

    it('is accepted and not delivered again after it was delivered', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(3);
      await send(store(), chatToken, creator, messages);
      await emptyInbox(chatToken, joiner);

      for (const from of views()) {
        expect(await outcomeOf(send(from, chatToken, creator, messages))).toBe('stored');
      }

      expect(await messagesOf(chatToken, joiner)).toEqual([]);
    });

    it('is a repeat for its own sender only', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const [message] = textMessages(1) as [OutgoingMessage];
      const answer = { ...message, msg: 'the same id, from the talker' };

      await send(store(), chatToken, creator, [message]);
      expect(await outcomeOf(send(store(), chatToken, joiner, [answer]))).toBe('stored');

      expect(await messagesOf(chatToken, joiner)).toEqual([received(message)]);
      expect(await messagesOf(chatToken, creator)).toEqual([received(answer)]);
    });

    it('is a repeat in its own chat only', async () => {
      const one = await createQuiet();
      const other = await createQuiet();
      const messages = textMessages(1);

      await send(store(), one.chatToken, one.creator, messages);
      await send(store(), other.chatToken, other.creator, messages);

      expect(await messagesOf(other.chatToken, other.joiner)).toEqual(messages.map(received));
    });

    it(`is recognised among the last ${REMEMBERED_IDS} messages of the chat`, async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const old = textMessages(1);
      await send(store(), chatToken, creator, old);
      const later = textMessages(REMEMBERED_IDS - 1);
      for (const [index, batch] of inBatches(later, 20).entries()) {
        await send(store(), chatToken, index % 2 === 0 ? creator : joiner, batch);
      }
      await emptyInbox(chatToken, joiner);

      expect(await outcomeOf(send(elsewhere(), chatToken, creator, old))).toBe('stored');

      expect(await messagesOf(chatToken, joiner)).toEqual([]);
    });

    it('is forgotten at last, so that what a chat keeps is bounded', async () => {
      const chat = await createQuiet();
      const { chatToken, creator, joiner } = chat;
      const old = textMessages(1);
      await send(store(), chatToken, creator, old);
      await sendInBatches(chat, textMessages(REMEMBERED_IDS / 2));
      await emptyInbox(chatToken, joiner);
      await sendInBatches(chat, textMessages(REMEMBERED_IDS / 2));
      await emptyInbox(chatToken, joiner);

      await send(store(), chatToken, creator, old);

      expect(await messagesOf(chatToken, joiner)).toEqual(old.map(received));
    });

    it('is stored once when it is repeated many times at once', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(2);

      const outcomes = await inCrowd((from) => outcomeOf(send(from, chatToken, creator, messages)));

      expect(new Set(outcomes)).toEqual(new Set(['stored']));
      expect(await messagesOf(chatToken, joiner)).toEqual(messages.map(received));
    });

    it('is refused in a closed chat, also by a process that has not heard of its end', async () => {
      const { chatToken, creator, joiner } = await createQuiet();
      const messages = textMessages(2);
      for (const from of views()) await send(from, chatToken, creator, messages);
      await closeNow(elsewhere(), chatToken);
      const before = await messagesOf(chatToken, joiner);

      for (const from of views()) {
        const result = await send(from, chatToken, creator, messages);
        expect(result).toMatchObject({ outcome: 'not ready', chat: { status: 'closed' } });
      }

      expect(await messagesOf(chatToken, joiner)).toEqual(before);
    });

    it('of a request that was refused is not remembered', async () => {
      const chat = await createReady();
      const { chatToken, creator, joiner } = chat;
      await sendInBatches(chat, textMessages(INBOX_LIMIT - 1));
      const refused = textMessages(1);
      expect(await outcomeOf(send(store(), chatToken, creator, refused))).toBe('inbox full');
      await emptyInbox(chatToken, joiner);

      await send(store(), chatToken, creator, refused);

      expect(await messagesOf(chatToken, joiner)).toEqual(refused.map(received));
    });
  });
}
