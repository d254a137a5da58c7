/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import {
  INBOX_LIMIT,
  newToken,
  REMEMBERED_IDS,
  type Chat,
  type Message,
  type OutgoingMessage,
  type Token,
} from '../../src/chat/chat.ts';
import type { ChatStore, Inbox, SendResult } from '../../src/chat/chat-store.ts';
import {
  draftChat,
  idsOf,
  inBatches,
  noticesOf,
  received,
  systemMessage,
  textMessages,
  textsOf,
} from '../support/chats.ts';

/** A store for one run of the suite; it may have chats of its own already. */
export interface Opened {
  readonly store: ChatStore;
  /** A further view of the same data, as another process would have it. */
  another(): Promise<ChatStore>;
  /** Disconnects everything that was opened, and takes the data away. */
  dispose(): Promise<void>;
}

/** How many do the same thing at once where only one may succeed. */
const CROWD = 60;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Near the real time: a store may also remove by its own clock what is older than a day. */
const now = Date.now();

interface ReadyChat {
  readonly chatToken: Token;
  readonly creator: Token;
  readonly joiner: Token;
}

/**
 * What every adapter of {@link ChatStore} must do. Rules about signs of life are only tested through
 * one connection: an embedded store keeps those in the memory of its process.
 */
export function describeChatStore(adapter: string, open: () => Promise<Opened>): void {
  describe(`${adapter}: the contract of a chat store`, () => {
    let opened: Opened;
    let store: ChatStore;
    let elsewhere: ChatStore;
    const views = (): ChatStore[] => [store, elsewhere];
    /** One of the two connections, in turn. */
    const view = (index: number): ChatStore => views()[index % 2]!;

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
      elsewhere = await opened.another();
    });

    afterAll(async () => {
      await opened.dispose();
    });

    const createDraft = async (facts: Partial<Chat> = {}): Promise<Chat> => {
      const chat = draftChat({ created: now, ...facts });
      expect(await store.create(chat, systemMessage('created'))).toBe(true);
      return chat;
    };

    const joinDraft = async ({ token, creator, created }: Chat): Promise<ReadyChat> => {
      const joiner = newToken();
      const joined = await store.join({
        chatToken: token,
        userToken: joiner,
        at: created,
        createdAfter: created - 1,
        notices: noticesOf('joined'),
      });
      expect(joined).not.toBeNull();
      return { chatToken: token, creator, joiner };
    };

    const createReady = async (facts: Partial<Chat> = {}): Promise<ReadyChat> =>
      joinDraft(await createDraft(facts));

    const readInbox = async (chatToken: Token, userToken: Token): Promise<Inbox> => {
      const inbox = await store.look({ chatToken, userToken });
      if (inbox === null) throw new Error('no such participant');
      return inbox;
    };

    const messagesOf = async (chatToken: Token, userToken: Token): Promise<readonly Message[]> =>
      (await readInbox(chatToken, userToken)).messages;

    const eventsOf = async (chatToken: Token, userToken: Token) =>
      (await messagesOf(chatToken, userToken)).map(({ event }) => event);

    const emptyInbox = async (chatToken: Token, userToken: Token): Promise<void> => {
      const ids = idsOf(await messagesOf(chatToken, userToken));
      await store.acknowledge({ chatToken, userToken, at: now, ids });
    };

    /** A ready chat in which nothing waits. */
    const createQuiet = async (facts: Partial<Chat> = {}): Promise<ReadyChat> => {
      const chat = await createReady(facts);
      await emptyInbox(chat.chatToken, chat.creator);
      await emptyInbox(chat.chatToken, chat.joiner);
      return chat;
    };

    const send = (
      from: ChatStore,
      chatToken: Token,
      userToken: Token,
      messages: readonly OutgoingMessage[],
    ): Promise<SendResult | null> => from.send({ chatToken, userToken, at: now, messages });

    const outcomeOf = async (sending: Promise<SendResult | null>) => (await sending)?.outcome;

    const sendInBatches = async (
      { chatToken, creator }: ReadyChat,
      messages: readonly OutgoingMessage[],
    ): Promise<void> => {
      for (const batch of inBatches(messages, 20)) {
        expect(await outcomeOf(send(store, chatToken, creator, batch))).toBe('stored');
      }
    };

    const closeNow = (from: ChatStore, chatToken: Token, at = now): Promise<Chat | null> =>
      from.close({ chatToken, at, notices: noticesOf('closed') });

    const expireNow = (from: ChatStore, chatToken: Token, closed = now): Promise<number> =>
      from.expire([{ chatToken, closed, notices: noticesOf('expired') }]);

    /** Does something `CROWD` times at once, through both connections in turn. */
    const inCrowd = <Result>(
      step: (from: ChatStore, index: number) => Promise<Result>,
    ): Promise<Result[]> =>
      Promise.all(Array.from({ length: CROWD }, (_, index) => step(view(index), index)));

    const withoutNull = <Result>(results: readonly (Result | null)[]): Result[] =>
      results.filter((result) => result !== null);

    describe('create', () => {
      it('adds a draft whose only message is the creator’s first', async () => {
        const chat = draftChat({ created: now });
        const welcome = systemMessage('created');

        expect(await store.create(chat, welcome)).toBe(true);

        expect(await store.find(chat.token)).toEqual(chat);
        const { messages, ...rest } = await readInbox(chat.token, chat.creator);
        expect(messages).toEqual([welcome]);
        expect(rest).toEqual({ chat, poll: null, talkerSeenUntil: null });
      });

      it.each([true, false])('remembers that encrypted is %s', async (encrypted) => {
        const { token, creator } = await createDraft({ encrypted });

        expect(await store.find(token)).toMatchObject({ encrypted });
        expect(await store.findParticipant(token, creator)).toMatchObject({ encrypted });
      });

      it('refuses a taken chat token and leaves the first chat as it was', async () => {
        const first = await createDraft();
        const second = draftChat({ token: first.token, encrypted: true, created: now + 1 });

        expect(await elsewhere.create(second, systemMessage('created'))).toBe(false);

        expect(await store.find(first.token)).toEqual(first);
        expect(await messagesOf(first.token, first.creator)).toHaveLength(1);
        expect(await store.look({ chatToken: first.token, userToken: second.creator })).toBeNull();
      });

      it('gives a chat token to exactly one of many who want it at once', async () => {
        const token = newToken();
        const results = await inCrowd(async (from) => {
          const chat = draftChat({ token, created: now });
          return (await from.create(chat, systemMessage('created'))) ? chat : null;
        });

        const winners = withoutNull(results);
        expect(winners).toHaveLength(1);
        expect(await store.find(token)).toEqual(winners[0]);
        expect(await messagesOf(token, winners[0]!.creator)).toHaveLength(1);
      });

      it('is seen through another connection, also one that is opened later', async () => {
        const chat = await createDraft();

        expect(await elsewhere.find(chat.token)).toEqual(chat);
        const later = await opened.another();
        expect(await later.find(chat.token)).toEqual(chat);
      });
    });

    describe('find', () => {
      it('finds nothing under an unknown token or a user token', async () => {
        const { creator, joiner } = await createReady();

        for (const token of [newToken(), creator, joiner]) {
          expect(await store.find(token)).toBeNull();
        }
      });

      it('gives the chat as it is now', async () => {
        const draft = await createDraft({ encrypted: true });
        const { joiner } = await joinDraft(draft);
        expect(await elsewhere.find(draft.token)).toEqual({ ...draft, status: 'ready', joiner });

        await closeNow(store, draft.token, now + 5);
        expect(await elsewhere.find(draft.token)).toEqual({
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

        await store.join({
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
          expect(await store.findParticipant(chatToken, userToken)).toBeNull();
        }
      });

      it('does not take a draft without joiner for a chat of everybody', async () => {
        const { token } = await createDraft();

        expect(await store.findParticipant(token, newToken())).toBeNull();
      });
    });

    describe('a stranger', () => {
      it('gets nothing from any operation of a participant, and changes nothing', async () => {
        const { chatToken, creator, joiner } = await createReady();
        const other = await createReady();
        const before = await readInbox(chatToken, creator);
        const stranger = { chatToken, userToken: other.creator, at: now + HOUR };

        expect(await store.send({ ...stranger, messages: textMessages(1) })).toBeNull();
        const ids = idsOf(before.messages);
        expect(await store.acknowledge({ ...stranger, ids })).toBeNull();
        expect(await store.look(stranger)).toBeNull();
        const pollId = newToken();
        const until = stranger.at + MINUTE;
        expect(await store.beginPoll({ ...stranger, pollId, until })).toBeNull();
        await store.endPoll({ ...stranger, pollId });

        expect(await readInbox(chatToken, creator)).toEqual(before);
        expect(await messagesOf(chatToken, joiner)).toHaveLength(1);
      });
    });

    describe('join', () => {
      const joinAs = (from: ChatStore, chatToken: Token, userToken: Token, createdAfter = 0) =>
        from.join({
          chatToken,
          userToken,
          at: now,
          createdAfter,
          notices: noticesOf('joined'),
        });

      it('makes a draft ready and tells both', async () => {
        const draft = await createDraft();
        const joiner = newToken();
        const notices = noticesOf('joined');

        const ready = await store.join({
          chatToken: draft.token,
          userToken: joiner,
          at: now,
          createdAfter: now - 1,
          notices,
        });

        expect(ready).toEqual({ ...draft, status: 'ready', joiner });
        expect((await messagesOf(draft.token, draft.creator))[1]).toEqual(notices.creator);
        expect(await messagesOf(draft.token, joiner)).toEqual([notices.joiner]);
      });

      it('lets exactly one of many in who join at once', async () => {
        const draft = await createDraft();
        const results = await inCrowd(async (from) => {
          const userToken = newToken();
          const chat = await joinAs(from, draft.token, userToken);
          return chat === null ? null : { chat, userToken };
        });

        const winners = withoutNull(results);
        expect(winners).toHaveLength(1);
        const [{ chat, userToken }] = winners as [(typeof winners)[0]];
        expect(chat.joiner).toBe(userToken);
        expect(await store.find(draft.token)).toEqual(chat);
        expect(await messagesOf(draft.token, draft.creator)).toHaveLength(2);
        expect(await messagesOf(draft.token, userToken)).toHaveLength(1);
      });

      it('lets nobody into a ready, a closed or an unknown chat', async () => {
        const { chatToken, creator } = await createReady();
        const draft = await createDraft();
        await closeNow(store, draft.token);

        for (const token of [chatToken, draft.token, newToken(), creator]) {
          expect(await joinAs(store, token, newToken())).toBeNull();
        }
        expect(await messagesOf(chatToken, creator)).toHaveLength(2);
        expect(await store.find(draft.token)).toMatchObject({ status: 'closed', joiner: null });
      });

      it('lets nobody into a chat that was not created after the given time', async () => {
        const draft = await createDraft();

        expect(await joinAs(store, draft.token, newToken(), now)).toBeNull();
        expect(await store.find(draft.token)).toEqual(draft);
        expect(await joinAs(store, draft.token, newToken(), now - 1)).not.toBeNull();
      });
    });

    describe('send', () => {
      it('puts messages into the talker’s inbox, in order, as they are', async () => {
        const { chatToken, creator, joiner } = await createReady();
        const texts = [
          ' leading and trailing ',
          '👩\u200d👩\u200d👧 e\u0301 é 日本語 \u202e',
          '{"$set":{"status":"closed"}}',
          "'); DROP TABLE chats; --",
          '__proto__',
          'a\u2028b\r\nc\td\u{10FFFF}',
        ];
        const messages = texts.map((msg) => ({ _id: newToken(), msg }));

        const result = await store.send({ chatToken, userToken: creator, at: now, messages });

        expect(result).toMatchObject({ outcome: 'stored', chat: { token: chatToken, joiner } });
        expect((await messagesOf(chatToken, joiner)).slice(1)).toEqual(messages.map(received));
        expect(await messagesOf(chatToken, creator)).toHaveLength(2);
      });

      it('goes both ways, and is seen through another connection', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const [fromCreator, fromJoiner] = textMessages(2) as [OutgoingMessage, OutgoingMessage];

        await send(store, chatToken, creator, [fromCreator]);
        await send(elsewhere, chatToken, joiner, [fromJoiner]);

        for (const from of views()) {
          const toJoiner = await from.look({ chatToken, userToken: joiner });
          const toCreator = await from.look({ chatToken, userToken: creator });
          expect(toJoiner?.messages).toEqual([received(fromCreator)]);
          expect(toCreator?.messages).toEqual([received(fromJoiner)]);
        }
      });

      it('stores nothing in a chat that is not ready', async () => {
        const draft = await createDraft();
        const { chatToken, creator, joiner } = await createReady();
        await closeNow(store, chatToken);
        const before = await messagesOf(chatToken, joiner);

        const toDraft = await send(store, draft.token, draft.creator, textMessages(1));
        const toClosed = await send(store, chatToken, creator, textMessages(1));

        expect(toDraft).toEqual({ outcome: 'not ready', chat: draft });
        expect(toClosed).toMatchObject({ outcome: 'not ready', chat: { status: 'closed' } });
        expect(await messagesOf(draft.token, draft.creator)).toHaveLength(1);
        expect(await messagesOf(chatToken, joiner)).toEqual(before);
      });

      it('keeps the order of requests that follow one another through any connection', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(24);

        for (const [index, batch] of inBatches(messages, 3).entries()) {
          await send(view(index), chatToken, creator, batch);
        }

        expect(await messagesOf(chatToken, joiner)).toEqual(messages.map(received));
      });

      it('loses nothing and keeps each sender’s order when both send at once', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const talk = async (from: ChatStore, userToken: Token, name: string) => {
          const messages = textMessages(30, name);
          for (const batch of inBatches(messages, 2)) await send(from, chatToken, userToken, batch);
          return textsOf(messages);
        };

        const [creatorSaid, joinerSaid] = await Promise.all([
          talk(store, creator, 'creator'),
          talk(elsewhere, joiner, 'joiner'),
        ]);

        expect(textsOf(await messagesOf(chatToken, joiner))).toEqual(creatorSaid);
        expect(textsOf(await messagesOf(chatToken, creator))).toEqual(joinerSaid);
      });

      it('loses nothing of requests sent at once and keeps the order within each', async () => {
        const { chatToken, creator, joiner } = await createQuiet();

        const requests = await inCrowd(async (from, index) => {
          const messages = textMessages(3, `request ${index}`);
          expect(await outcomeOf(send(from, chatToken, creator, messages))).toBe('stored');
          return textsOf(messages);
        });

        const stored = textsOf(await messagesOf(chatToken, joiner));
        expect(stored).toHaveLength(3 * CROWD);
        for (const texts of requests) {
          expect(stored.filter((text) => texts.includes(text))).toEqual(texts);
        }
      });
    });

    describe('a full inbox', () => {
      it(`takes messages up to exactly ${INBOX_LIMIT}, system messages included`, async () => {
        const chat = await createReady();
        const { chatToken, creator, joiner } = chat;
        await sendInBatches(chat, textMessages(INBOX_LIMIT - 2));

        expect(await outcomeOf(send(store, chatToken, creator, textMessages(1)))).toBe('stored');
        expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);

        const refused = await send(store, chatToken, creator, textMessages(1));
        expect(refused).toMatchObject({ outcome: 'inbox full', chat: { token: chatToken } });
        expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);
      });

      it('takes all messages of a request or none, and drops nothing older', async () => {
        const chat = await createReady();
        const { chatToken, creator, joiner } = chat;
        await sendInBatches(chat, textMessages(INBOX_LIMIT - 6));
        const before = await messagesOf(chatToken, joiner);
        const six = textMessages(6);

        expect(await outcomeOf(send(store, chatToken, creator, six))).toBe('inbox full');
        expect(await messagesOf(chatToken, joiner)).toEqual(before);

        const five = six.slice(1);
        expect(await outcomeOf(send(store, chatToken, creator, five))).toBe('stored');
        expect(await messagesOf(chatToken, joiner)).toEqual([...before, ...five.map(received)]);
      });

      it('is full for its own addressee only, and takes messages again once read', async () => {
        const chat = await createReady();
        const { chatToken, creator, joiner } = chat;
        await sendInBatches(chat, textMessages(INBOX_LIMIT - 1));
        const [first] = await messagesOf(chatToken, joiner);

        expect(await outcomeOf(send(store, chatToken, joiner, textMessages(20)))).toBe('stored');
        const ids = [first!._id];
        await store.acknowledge({ chatToken, userToken: joiner, at: now, ids });
        expect(await outcomeOf(send(store, chatToken, creator, textMessages(2)))).toBe(
          'inbox full',
        );
        expect(await outcomeOf(send(store, chatToken, creator, textMessages(1)))).toBe('stored');
      });

      it('accepts a pure repeat, and counts only the new messages of a mixed request', async () => {
        const chat = await createReady();
        const { chatToken, creator, joiner } = chat;
        const messages = textMessages(INBOX_LIMIT - 2);
        await sendInBatches(chat, messages);
        const mixed = [...messages.slice(-19), ...textMessages(1)];

        expect(await outcomeOf(send(store, chatToken, creator, mixed))).toBe('stored');
        expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);
        expect(await outcomeOf(send(elsewhere, chatToken, creator, mixed))).toBe('stored');
        expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT);
      });

      it('accepts a pure repeat also when system messages went over the limit', async () => {
        const chat = await createReady();
        const { chatToken, creator, joiner } = chat;
        const messages = textMessages(INBOX_LIMIT - 1);
        await sendInBatches(chat, messages);
        const notices = noticesOf('intruder');
        await store.noticeIntruder({ chatToken, at: now, notSince: now - MINUTE, notices });
        expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT + 1);

        const repeat = send(elsewhere, chatToken, creator, messages.slice(-20));

        expect(await outcomeOf(repeat)).toBe('stored');
        expect(await messagesOf(chatToken, joiner)).toHaveLength(INBOX_LIMIT + 1);
      });

      it('does not overflow when many send at once', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const perRequest = 7;

        const outcomes = await inCrowd((from) =>
          outcomeOf(send(from, chatToken, creator, textMessages(perRequest))),
        );

        const stored = outcomes.filter((outcome) => outcome === 'stored').length;
        expect(stored).toBe(Math.floor(INBOX_LIMIT / perRequest));
        expect(outcomes.filter((outcome) => outcome === 'inbox full')).toHaveLength(CROWD - stored);
        expect(await messagesOf(chatToken, joiner)).toHaveLength(stored * perRequest);
      });

      it('still takes the notices of a close', async () => {
        const chat = await createReady();
        await sendInBatches(chat, textMessages(INBOX_LIMIT - 1));

        await closeNow(store, chat.chatToken);

        const messages = await messagesOf(chat.chatToken, chat.joiner);
        expect(messages).toHaveLength(INBOX_LIMIT + 1);
        expect(messages.at(-1)).toMatchObject({ event: 'closed' });
      });
    });

    describe('a repeated message id', () => {
      it('is stored once within one request, as it came first', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const [one, two] = textMessages(2) as [OutgoingMessage, OutgoingMessage];
        const again = { ...one, msg: 'another text' };

        const outcome = await outcomeOf(send(store, chatToken, creator, [one, two, again, two]));

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

        await send(store, chatToken, creator, [one, two]);
        expect(await outcomeOf(send(elsewhere, chatToken, creator, [one, three]))).toBe('stored');

        expect(await messagesOf(chatToken, joiner)).toEqual([one, two, three].map(received));
      });

      it('is accepted and not delivered again after it was delivered', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(3);
        await send(store, chatToken, creator, messages);
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

        await send(store, chatToken, creator, [message]);
        expect(await outcomeOf(send(store, chatToken, joiner, [answer]))).toBe('stored');

        expect(await messagesOf(chatToken, joiner)).toEqual([received(message)]);
        expect(await messagesOf(chatToken, creator)).toEqual([received(answer)]);
      });

      it('is a repeat in its own chat only', async () => {
        const one = await createQuiet();
        const other = await createQuiet();
        const messages = textMessages(1);

        await send(store, one.chatToken, one.creator, messages);
        await send(store, other.chatToken, other.creator, messages);

        expect(await messagesOf(other.chatToken, other.joiner)).toEqual(messages.map(received));
      });

      it(`is recognised among the last ${REMEMBERED_IDS} messages of the chat`, async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const old = textMessages(1);
        await send(store, chatToken, creator, old);
        const later = textMessages(REMEMBERED_IDS - 1);
        for (const [index, batch] of inBatches(later, 20).entries()) {
          await send(store, chatToken, index % 2 === 0 ? creator : joiner, batch);
        }
        await emptyInbox(chatToken, joiner);

        expect(await outcomeOf(send(elsewhere, chatToken, creator, old))).toBe('stored');

        expect(await messagesOf(chatToken, joiner)).toEqual([]);
      });

      it('is forgotten at last, so that what a chat keeps is bounded', async () => {
        const chat = await createQuiet();
        const { chatToken, creator, joiner } = chat;
        const old = textMessages(1);
        await send(store, chatToken, creator, old);
        await sendInBatches(chat, textMessages(REMEMBERED_IDS / 2));
        await emptyInbox(chatToken, joiner);
        await sendInBatches(chat, textMessages(REMEMBERED_IDS / 2));
        await emptyInbox(chatToken, joiner);

        await send(store, chatToken, creator, old);

        expect(await messagesOf(chatToken, joiner)).toEqual(old.map(received));
      });

      it('is stored once when it is repeated many times at once', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(2);

        const outcomes = await inCrowd((from) =>
          outcomeOf(send(from, chatToken, creator, messages)),
        );

        expect(new Set(outcomes)).toEqual(new Set(['stored']));
        expect(await messagesOf(chatToken, joiner)).toEqual(messages.map(received));
      });

      it('of a request that was refused is not remembered', async () => {
        const chat = await createReady();
        const { chatToken, creator, joiner } = chat;
        await sendInBatches(chat, textMessages(INBOX_LIMIT - 1));
        const refused = textMessages(1);
        expect(await outcomeOf(send(store, chatToken, creator, refused))).toBe('inbox full');
        await emptyInbox(chatToken, joiner);

        await send(store, chatToken, creator, refused);

        expect(await messagesOf(chatToken, joiner)).toEqual(refused.map(received));
      });
    });

    describe('acknowledge', () => {
      it('erases exactly the named messages and keeps the order of the others', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(5);
        await send(store, chatToken, creator, messages);
        const ids = idsOf([messages[1]!, messages[3]!]);

        const chat = await store.acknowledge({ chatToken, userToken: joiner, at: now, ids });

        expect(chat).toEqual(await store.find(chatToken));
        const left = [messages[0]!, messages[2]!, messages[4]!].map(received);
        expect(await messagesOf(chatToken, joiner)).toEqual(left);
        const there = await elsewhere.look({ chatToken, userToken: joiner });
        expect(there?.messages).toEqual(left);
      });

      it('touches the caller’s own inbox only', async () => {
        const { chatToken, creator, joiner } = await createReady();
        const toJoiner = await messagesOf(chatToken, joiner);
        const ids = idsOf(toJoiner);

        expect(
          await store.acknowledge({ chatToken, userToken: creator, at: now, ids }),
        ).not.toBeNull();

        expect(await messagesOf(chatToken, joiner)).toEqual(toJoiner);
        expect(await messagesOf(chatToken, creator)).toHaveLength(2);
      });

      it('tells two messages of the same id in two inboxes apart', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(1);
        await send(store, chatToken, creator, messages);
        await send(store, chatToken, joiner, messages);

        await emptyInbox(chatToken, joiner);

        expect(await messagesOf(chatToken, joiner)).toEqual([]);
        expect(await messagesOf(chatToken, creator)).toEqual(messages.map(received));
      });

      it('ignores unknown ids and may be repeated', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(2);
        await send(store, chatToken, creator, messages);
        const ids = [newToken(), messages[0]!._id, messages[0]!._id];

        for (const from of [store, elsewhere, store]) {
          const chat = await from.acknowledge({ chatToken, userToken: joiner, at: now, ids });
          expect(chat).toMatchObject({ token: chatToken, status: 'ready' });
        }

        expect(await messagesOf(chatToken, joiner)).toEqual([received(messages[1]!)]);
      });

      it('does not lose a message that is sent meanwhile', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const old = textMessages(20, 'old');
        await send(store, chatToken, creator, old);
        const fresh = textMessages(20, 'new');

        await Promise.all(
          old.flatMap(({ _id }, index) => [
            store.acknowledge({ chatToken, userToken: joiner, at: now, ids: [_id] }),
            send(elsewhere, chatToken, creator, [fresh[index]!]),
          ]),
        );

        const left = textsOf(await messagesOf(chatToken, joiner));
        expect(left.toSorted()).toEqual(textsOf(fresh).toSorted());
      });

      it('leaves a chat that is not closed where it is, however empty', async () => {
        const { chatToken, joiner } = await createQuiet();
        const draft = await createDraft();
        await emptyInbox(draft.token, draft.creator);

        expect(await store.find(chatToken)).toMatchObject({ status: 'ready', joiner });
        expect(await store.find(draft.token)).toEqual(draft);
      });

      it('removes a closed chat when both inboxes are empty, and not before', async () => {
        const { chatToken, creator, joiner } = await createReady();
        await closeNow(store, chatToken);

        await emptyInbox(chatToken, creator);
        expect(await elsewhere.find(chatToken)).toMatchObject({ status: 'closed' });
        expect(await messagesOf(chatToken, creator)).toEqual([]);
        const [first, ...others] = idsOf(await messagesOf(chatToken, joiner));
        expect(others).not.toEqual([]);
        await store.acknowledge({ chatToken, userToken: joiner, at: now, ids: others });
        expect(await elsewhere.find(chatToken)).not.toBeNull();

        const ids = [first!];
        const last = await store.acknowledge({ chatToken, userToken: joiner, at: now, ids });
        expect(last).toMatchObject({ token: chatToken, status: 'closed' });
        for (const from of views()) {
          expect(await from.find(chatToken)).toBeNull();
          expect(await from.look({ chatToken, userToken: creator })).toBeNull();
          expect(await from.look({ chatToken, userToken: joiner })).toBeNull();
        }
      });

      it('removes a closed chat also when both acknowledge at once', async () => {
        const { chatToken, creator, joiner } = await createReady();
        await closeNow(store, chatToken);
        const ids = idsOf([
          ...(await messagesOf(chatToken, creator)),
          ...(await messagesOf(chatToken, joiner)),
        ]);

        await Promise.all([
          store.acknowledge({ chatToken, userToken: creator, at: now, ids }),
          elsewhere.acknowledge({ chatToken, userToken: joiner, at: now, ids }),
        ]);

        expect(await store.find(chatToken)).toBeNull();
      });

      it('removes a closed draft when its creator has read everything', async () => {
        const { token, creator } = await createDraft();
        await closeNow(store, token);

        await emptyInbox(token, creator);

        expect(await store.find(token)).toBeNull();
      });

      it('frees the token of a removed chat together with all its traces', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(1);
        await send(store, chatToken, creator, messages);
        await closeNow(store, chatToken);
        await emptyInbox(chatToken, creator);
        await emptyInbox(chatToken, joiner);

        const again = draftChat({ token: chatToken, created: now, creator });
        expect(await store.create(again, systemMessage('created'))).toBe(true);
        const { joiner: newJoiner } = await joinDraft(again);
        await send(store, chatToken, creator, messages);

        const inbox = await readInbox(chatToken, newJoiner);
        expect(inbox.messages.slice(1)).toEqual(messages.map(received));
        expect(inbox.poll).toBeNull();
      });
    });

    describe('close', () => {
      it('closes a ready chat, keeps what is undelivered and tells both', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(2);
        await send(store, chatToken, creator, messages);
        const notices = noticesOf('closed');

        const chat = await store.close({ chatToken, at: now + 7, notices });

        expect(chat).toMatchObject({ token: chatToken, status: 'closed', closed: now + 7, joiner });
        expect(await elsewhere.find(chatToken)).toEqual(chat);
        expect(await messagesOf(chatToken, creator)).toEqual([notices.creator]);
        const toJoiner = [...messages.map(received), notices.joiner];
        expect(await messagesOf(chatToken, joiner)).toEqual(toJoiner);
      });

      it('closes a draft and tells its only participant', async () => {
        const draft = await createDraft();
        const notices = noticesOf('closed');

        const chat = await store.close({ chatToken: draft.token, at: now + 7, notices });

        expect(chat).toEqual({ ...draft, status: 'closed', closed: now + 7 });
        const messages = await messagesOf(draft.token, draft.creator);
        expect(messages.slice(1)).toEqual([notices.creator]);
      });

      it('closes once, however often it is asked', async () => {
        const { chatToken, creator } = await createQuiet();
        await closeNow(store, chatToken, now);

        expect(await closeNow(elsewhere, chatToken, now + 1)).toBeNull();

        expect(await store.find(chatToken)).toMatchObject({ closed: now });
        expect(await eventsOf(chatToken, creator)).toEqual(['closed']);
      });

      it('closes once of many times at once', async () => {
        const { chatToken, creator, joiner } = await createQuiet();

        const results = await inCrowd((from, index) => closeNow(from, chatToken, now + index));

        const [winner, ...others] = withoutNull(results);
        expect(others).toEqual([]);
        expect(await store.find(chatToken)).toEqual(winner);
        expect(await eventsOf(chatToken, creator)).toEqual(['closed']);
        expect(await eventsOf(chatToken, joiner)).toEqual(['closed']);
      });

      it('of an unknown chat changes nothing', async () => {
        expect(await closeNow(store, newToken())).toBeNull();
      });

      it('and a join at once end in a closed chat or leave a joiner who was told', async () => {
        for (let round = 0; round < 10; round += 1) {
          const draft = await createDraft();
          const joiner = newToken();
          const [joined] = await Promise.all([
            elsewhere.join({
              chatToken: draft.token,
              userToken: joiner,
              at: now,
              createdAfter: 0,
              notices: noticesOf('joined'),
            }),
            closeNow(store, draft.token),
          ]);

          expect(await store.find(draft.token)).toMatchObject({
            status: 'closed',
            joiner: joined === null ? null : joiner,
          });
          const inbox = await store.look({ chatToken: draft.token, userToken: joiner });
          expect(inbox?.messages.map(({ event }) => event)).toEqual(
            joined === null ? undefined : ['joined', 'closed'],
          );
        }
      });
    });

    describe('close unless somebody was seen', () => {
      const closeUnlessSeen = (chatToken: Token, userToken: Token, since: number) =>
        store.close({
          chatToken,
          at: now + HOUR,
          notices: noticesOf('absent'),
          unlessSeen: { userToken, since },
        });

      it('leaves a chat whose participant was seen after that time', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        await store.look({ chatToken, userToken: joiner, at: now + 10 });

        expect(await closeUnlessSeen(chatToken, joiner, now + 9)).toBeNull();

        expect(await store.find(chatToken)).toMatchObject({ status: 'ready' });
        expect(await messagesOf(chatToken, creator)).toEqual([]);
      });

      it('closes a chat whose participant was not seen after that time', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        await store.look({ chatToken, userToken: joiner, at: now + 10 });
        await store.look({ chatToken, userToken: creator, at: now + 500 });

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
        const poll = { chatToken, userToken: joiner, pollId: newToken() };
        await store.beginPoll({ ...poll, at: now, until });

        expect(await closeUnlessSeen(chatToken, joiner, until - 1)).toBeNull();

        await store.endPoll({ ...poll, at: now + 20 });
        expect(await closeUnlessSeen(chatToken, joiner, now + 19)).toBeNull();
        expect(await closeUnlessSeen(chatToken, joiner, now + 20)).not.toBeNull();
        expect(await eventsOf(chatToken, creator)).toEqual(['absent']);
      });

      it('leaves a draft and a closed chat as they are', async () => {
        const draft = await createDraft();
        const { chatToken, joiner } = await createQuiet();
        await closeNow(store, chatToken);

        expect(await closeUnlessSeen(draft.token, draft.creator, now + HOUR)).toBeNull();
        expect(await closeUnlessSeen(chatToken, joiner, now + HOUR)).toBeNull();

        expect(await store.find(draft.token)).toEqual(draft);
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

    describe('noticeIntruder', () => {
      const notice = (from: ChatStore, chatToken: Token, at: number, notSince: number) =>
        from.noticeIntruder({ chatToken, at, notSince, notices: noticesOf('intruder') });

      it('tells both participants of a ready chat', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const notices = noticesOf('intruder');

        const chat = await store.noticeIntruder({
          chatToken,
          at: now,
          notSince: now - MINUTE,
          notices,
        });

        expect(chat).toEqual(await store.find(chatToken));
        expect(chat).toMatchObject({ status: 'ready', creator, joiner });
        expect(await messagesOf(chatToken, creator)).toEqual([notices.creator]);
        expect(await messagesOf(chatToken, joiner)).toEqual([notices.joiner]);
      });

      it('tells nothing again when it was told after the given time', async () => {
        const { chatToken, creator } = await createQuiet();
        await notice(store, chatToken, now, now - MINUTE);

        expect(await notice(elsewhere, chatToken, now + 1, now - 1)).toBeNull();
        expect(await eventsOf(chatToken, creator)).toEqual(['intruder']);

        expect(await notice(elsewhere, chatToken, now + MINUTE, now)).not.toBeNull();
        expect(await eventsOf(chatToken, creator)).toEqual(['intruder', 'intruder']);
      });

      it('tells once of many times at once', async () => {
        const { chatToken, creator, joiner } = await createQuiet();

        const results = await inCrowd((from) => notice(from, chatToken, now, now - MINUTE));

        expect(withoutNull(results)).toHaveLength(1);
        expect(await eventsOf(chatToken, creator)).toEqual(['intruder']);
        expect(await eventsOf(chatToken, joiner)).toEqual(['intruder']);
      });

      it('tells nobody of a draft, a closed or an unknown chat', async () => {
        const draft = await createDraft();
        const { chatToken, creator } = await createQuiet();
        await closeNow(store, chatToken);

        for (const token of [draft.token, chatToken, newToken()]) {
          expect(await notice(store, token, now, now - MINUTE)).toBeNull();
        }
        expect(await eventsOf(draft.token, draft.creator)).toEqual(['created']);
        expect(await eventsOf(chatToken, creator)).toEqual(['closed']);
      });
    });

    describe('signs of life', () => {
      const seenUntil = async (chatToken: Token, byWhom: Token) =>
        (await readInbox(chatToken, byWhom)).talkerSeenUntil;

      it('are joining, sending, acknowledging and looking with a time', async () => {
        const { chatToken, creator, joiner } = await createReady();
        const visit = { chatToken, userToken: joiner };
        expect(await seenUntil(chatToken, creator)).toBe(now);

        await store.send({ ...visit, at: now + 1, messages: textMessages(1) });
        expect(await seenUntil(chatToken, creator)).toBe(now + 1);
        await store.acknowledge({ ...visit, at: now + 2, ids: [newToken()] });
        expect(await seenUntil(chatToken, creator)).toBe(now + 2);
        await store.look({ ...visit, at: now + 3 });
        expect(await seenUntil(chatToken, creator)).toBe(now + 3);
      });

      it('are not left by a look without a time', async () => {
        const { chatToken, creator, joiner } = await createReady();
        await store.look({ chatToken, userToken: joiner, at: now + 3 });

        await store.look({ chatToken, userToken: joiner });

        expect(await seenUntil(chatToken, creator)).toBe(now + 3);
      });

      it('are one’s own, not the talker’s', async () => {
        const { chatToken, creator, joiner } = await createReady();

        await store.look({ chatToken, userToken: joiner, at: now + 3 });
        await store.look({ chatToken, userToken: creator, at: now + 9 });

        expect(await seenUntil(chatToken, creator)).toBe(now + 3);
        expect(await seenUntil(chatToken, joiner)).toBe(now + 9);
      });

      it('reach until the end of a held poll, whatever else is asked meanwhile', async () => {
        const { chatToken, creator, joiner } = await createReady();
        const until = now + 45_000;
        await store.beginPoll({
          chatToken,
          userToken: joiner,
          pollId: newToken(),
          at: now,
          until,
        });

        await store.look({ chatToken, userToken: joiner, at: now + 10 });
        await send(store, chatToken, joiner, textMessages(1));

        expect(await seenUntil(chatToken, creator)).toBe(until);
      });
    });

    describe('long polls', () => {
      const begin = (chatToken: Token, userToken: Token, pollId: Token, at: number) =>
        store.beginPoll({ chatToken, userToken, pollId, at, until: at + 45_000 });

      it('read the inbox when they begin', async () => {
        const { chatToken, creator, joiner } = await createQuiet();
        const messages = textMessages(2);
        await send(store, chatToken, creator, messages);
        const pollId = newToken();

        const inbox = await begin(chatToken, joiner, pollId, now);

        expect(inbox).toMatchObject({
          chat: { token: chatToken, status: 'ready' },
          messages: messages.map(received),
          poll: pollId,
          supersedes: false,
        });
      });

      it('are known by the id of the newest, ended or not', async () => {
        const { chatToken, joiner } = await createReady();
        const [first, second] = [newToken(), newToken()];
        const poll = { chatToken, userToken: joiner };

        expect((await readInbox(chatToken, joiner)).poll).toBeNull();
        await begin(chatToken, joiner, first, now);
        expect((await readInbox(chatToken, joiner)).poll).toBe(first);
        await store.endPoll({ ...poll, pollId: first, at: now + 5 });
        expect((await readInbox(chatToken, joiner)).poll).toBe(first);
        await begin(chatToken, joiner, second, now + 6);
        expect((await readInbox(chatToken, joiner)).poll).toBe(second);
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
        await store.endPoll({ chatToken, userToken: joiner, pollId: first, at: now + 5 });

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

        await store.endPoll({ chatToken, userToken: joiner, pollId, at: now + 1234 });

        expect((await readInbox(chatToken, creator)).talkerSeenUntil).toBe(now + 1234);
      });

      it('leave no trace when they end after they were superseded', async () => {
        const { chatToken, creator, joiner } = await createReady();
        const [first, second] = [newToken(), newToken()];
        await begin(chatToken, joiner, first, now);
        await begin(chatToken, joiner, second, now + 5);

        await store.endPoll({ chatToken, userToken: joiner, pollId: first, at: now + 6 });

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
        await store.remove(chatToken);

        await store.endPoll({ chatToken, userToken: joiner, pollId, at: now + 1 });

        expect(await store.find(chatToken)).toBeNull();
      });
    });

    describe('findOverdue', () => {
      /** Every overdue chat, page by page. */
      const allOverdue = async (createdBefore: number, limit: number): Promise<Chat[]> => {
        const all: Chat[] = [];
        for (;;) {
          const after = all.at(-1) ?? null;
          const page = await store.findOverdue({ createdAfter: 0, createdBefore, after, limit });
          expect(page.length).toBeLessThanOrEqual(limit);
          all.push(...page);
          if (page.length === 0) return all;
        }
      };

      it('pages by age through the chats created at or before the given time', async () => {
        const created = now - 2 * HOUR;
        const old: Chat[] = [];
        // Some of them at the same moment, so that a page ends among them.
        for (let index = 0; index < 7; index += 1) {
          old.push(await createDraft({ created: created - (index % 3) }));
        }
        const young = await createDraft({ created: created + 1 });

        const found = await allOverdue(created, 3);

        const tokens = found.map(({ token }) => token);
        const ages = found.map((chat) => chat.created);
        expect(ages).toEqual(ages.toSorted((a, b) => a - b));
        expect(new Set(tokens).size).toBe(tokens.length);
        for (const chat of old) expect(found).toContainEqual(chat);
        expect(tokens).not.toContain(young.token);
      });

      it('leaves out the chats created at or before the other end', async () => {
        const created = now - 2 * HOUR;
        const [older, younger] = [
          await createDraft({ created }),
          await createDraft({ created: created + 1 }),
        ];

        const page = {
          createdAfter: created,
          createdBefore: created + 1,
          after: null,
          limit: 1000,
        };
        const tokens = (await store.findOverdue(page)).map(({ token }) => token);

        expect(tokens).toContain(younger.token);
        expect(tokens).not.toContain(older.token);
      });

      it('finds chats of any status, but none twice that was expired', async () => {
        const created = now - 2 * HOUR;
        const draft = await createDraft({ created });
        const ready = await createReady({ created });
        const closed = await createReady({ created });
        await closeNow(store, closed.chatToken);
        const mine = [draft.token, ready.chatToken, closed.chatToken];
        const found = async () => {
          const tokens = (await allOverdue(created, 100)).map(({ token }) => token);
          return mine.filter((token) => tokens.includes(token));
        };
        expect(await found()).toEqual(mine);

        for (const token of mine) await expireNow(elsewhere, token);

        expect(await found()).toEqual([]);
      });
    });

    describe('expire', () => {
      it('closes a ready chat and leaves one notice in each inbox', async () => {
        const { chatToken, creator, joiner } = await createReady();
        await send(store, chatToken, creator, textMessages(3));
        const notices = noticesOf('expired');

        expect(await store.expire([{ chatToken, closed: now + 3, notices }])).toBe(1);

        expect(await elsewhere.find(chatToken)).toMatchObject({
          status: 'closed',
          closed: now + 3,
          joiner,
        });
        expect(await messagesOf(chatToken, creator)).toEqual([notices.creator]);
        expect(await messagesOf(chatToken, joiner)).toEqual([notices.joiner]);
      });

      it('closes a draft and leaves its creator one notice', async () => {
        const draft = await createDraft();
        const notices = noticesOf('expired');

        expect(await store.expire([{ chatToken: draft.token, closed: now, notices }])).toBe(1);

        expect(await store.find(draft.token)).toEqual({ ...draft, status: 'closed', closed: now });
        expect(await messagesOf(draft.token, draft.creator)).toEqual([notices.creator]);
      });

      it('keeps the time at which a chat was closed before', async () => {
        const { chatToken, creator } = await createReady();
        await closeNow(store, chatToken, now + 1);

        expect(await expireNow(store, chatToken, now + HOUR)).toBe(1);

        expect(await store.find(chatToken)).toMatchObject({ status: 'closed', closed: now + 1 });
        expect(await eventsOf(chatToken, creator)).toEqual(['expired']);
      });

      it('ends a lifetime once, however often it is asked', async () => {
        const { chatToken, creator, joiner } = await createReady();
        await expireNow(store, chatToken);
        await emptyInbox(chatToken, creator);

        expect(await expireNow(elsewhere, chatToken)).toBe(0);

        expect(await messagesOf(chatToken, creator)).toEqual([]);
        expect(await messagesOf(chatToken, joiner)).toHaveLength(1);
      });

      it('ends a lifetime once of many times at once', async () => {
        const { chatToken, creator, joiner } = await createReady();

        const counts = await inCrowd((from) => expireNow(from, chatToken));

        expect(counts.toSorted().at(-1)).toBe(1);
        expect(counts.filter((count) => count === 1)).toHaveLength(1);
        expect(await eventsOf(chatToken, creator)).toEqual(['expired']);
        expect(await eventsOf(chatToken, joiner)).toEqual(['expired']);
      });

      it('counts the chats that it ended, and touches no other', async () => {
        const [one, two, other] = [await createReady(), await createDraft(), await createReady()];
        const gone = await createDraft();
        await expireNow(store, gone.token);
        const tokens = [one.chatToken, newToken(), two.token, gone.token];

        const count = await store.expire(
          tokens.map((chatToken) => ({ chatToken, closed: now, notices: noticesOf('expired') })),
        );

        expect(count).toBe(2);
        expect(await store.find(one.chatToken)).toMatchObject({ status: 'closed' });
        expect(await store.find(two.token)).toMatchObject({ status: 'closed' });
        expect(await store.find(other.chatToken)).toMatchObject({ status: 'ready' });
        expect(await store.expire([])).toBe(0);
      });
    });

    describe('removeFinished', () => {
      const closedBefore = now - 3 * HOUR;
      const createdBefore = now - 20 * HOUR;

      /** Removes in steps of `limit`; gives the counts of all steps. */
      const removeAll = async (limit: number): Promise<number[]> => {
        const counts: number[] = [];
        for (;;) {
          const count = await store.removeFinished({ closedBefore, createdBefore, limit });
          counts.push(count);
          if (count < limit) return counts;
        }
      };

      const createClosed = async (closed: number): Promise<ReadyChat> => {
        const chat = await createReady({ created: closed });
        await closeNow(store, chat.chatToken, closed);
        return chat;
      };

      beforeEach(async () => {
        await removeAll(100);
      });

      it('removes what was closed at or before the given time, for everybody', async () => {
        const { chatToken, creator, joiner } = await createClosed(closedBefore);
        await send(store, chatToken, creator, textMessages(2));

        expect(await removeAll(100)).toEqual([1]);

        for (const from of views()) {
          expect(await from.find(chatToken)).toBeNull();
          expect(await from.look({ chatToken, userToken: joiner })).toBeNull();
          expect(await send(from, chatToken, creator, textMessages(1))).toBeNull();
        }
      });

      it('removes what was created at or before the given time, whatever its status', async () => {
        const draft = await createDraft({ created: createdBefore });
        const ready = await createReady({ created: createdBefore });
        const closed = await createReady({ created: createdBefore });
        await closeNow(store, closed.chatToken, now);

        expect(await removeAll(100)).toEqual([3]);

        for (const token of [draft.token, ready.chatToken, closed.chatToken]) {
          expect(await store.find(token)).toBeNull();
        }
      });

      it('removes nothing else', async () => {
        const created = createdBefore + 1;
        const draft = await createDraft({ created });
        const ready = await createQuiet({ created });
        const justClosed = await createClosed(closedBefore + 1);
        const unread = await createQuiet({ created });
        await closeNow(store, unread.chatToken, closedBefore + 1);

        expect(await removeAll(100)).toEqual([0]);

        for (const token of [draft.token, ready.chatToken, justClosed.chatToken]) {
          expect(await store.find(token)).not.toBeNull();
        }
        expect(await eventsOf(unread.chatToken, unread.joiner)).toEqual(['closed']);
      });

      it('removes no more than the limit at once, and says when nothing is left', async () => {
        const chats: ReadyChat[] = [];
        for (let index = 0; index < 5; index += 1) chats.push(await createClosed(closedBefore));

        expect(await removeAll(2)).toEqual([2, 2, 1]);

        for (const { chatToken } of chats) expect(await store.find(chatToken)).toBeNull();
      });

      it('removes everything once when it runs many times at once', async () => {
        for (let index = 0; index < 4; index += 1) await createClosed(closedBefore);

        const counts = await Promise.all(
          views().flatMap((from) => [
            from.removeFinished({ closedBefore, createdBefore, limit: 10 }),
            from.removeFinished({ closedBefore, createdBefore, limit: 10 }),
          ]),
        );

        expect(counts.reduce((sum, count) => sum + count)).toBe(4);
        expect(await removeAll(10)).toEqual([0]);
      });
    });

    describe('remove', () => {
      it('removes a chat of any status at once and gives it as it was', async () => {
        const draft = await createDraft();
        const ready = await createReady();
        const closed = await createReady();
        await closeNow(store, closed.chatToken);

        for (const token of [draft.token, ready.chatToken, closed.chatToken]) {
          const before = await store.find(token);
          expect(before).not.toBeNull();
          expect(await store.remove(token)).toEqual(before);
          expect(await elsewhere.find(token)).toBeNull();
        }
        const { chatToken, creator, joiner } = ready;
        expect(await store.look({ chatToken, userToken: joiner })).toBeNull();
        expect(await send(elsewhere, chatToken, creator, textMessages(1))).toBeNull();
      });

      it('finds nothing to remove twice', async () => {
        const { token } = await createDraft();
        await store.remove(token);

        expect(await elsewhere.remove(token)).toBeNull();
        expect(await store.remove(newToken())).toBeNull();
      });
    });

    describe('list', () => {
      /** Later than any other chat of the suite; each test has an hour of its own. */
      let future = now;
      beforeEach(() => {
        future += HOUR;
      });

      it('gives the newest first', async () => {
        const chats: Chat[] = [];
        for (const offset of [2, 0, 3, 1]) {
          chats.push(await createDraft({ created: future + offset }));
        }

        const listed = await elsewhere.list({ before: null, limit: 4 });

        expect(listed).toEqual(chats.toSorted((a, b) => b.created - a.created));
      });

      it('goes on after the given chat without losing or repeating any', async () => {
        const chats: Chat[] = [];
        for (const offset of [0, 1, 1, 1, 2]) {
          chats.push(await createDraft({ created: future + offset }));
        }

        const listed: Chat[] = [];
        while (listed.length < chats.length) {
          const page = await store.list({ before: listed.at(-1) ?? null, limit: 2 });
          expect(page).toHaveLength(2);
          listed.push(...page);
        }

        const byToken = (a: Chat, b: Chat) => (a.token < b.token ? -1 : 1);
        const mine = listed.slice(0, chats.length);
        expect(mine.toSorted(byToken)).toEqual(chats.toSorted(byToken));
        expect(mine.map(({ created }) => created - future)).toEqual([2, 1, 1, 1, 0]);
      });

      it('gives only chats of the wanted status', async () => {
        const older = await createReady({ created: future });
        await createDraft({ created: future + 1 });
        const newer = await createReady({ created: future + 2 });
        const closed = await createReady({ created: future + 3 });
        await closeNow(store, closed.chatToken);

        const ready = await store.list({ before: null, limit: 2, status: 'ready' });
        const newestClosed = await store.list({ before: null, limit: 1, status: 'closed' });

        expect(ready.map(({ token }) => token)).toEqual([newer.chatToken, older.chatToken]);
        expect(newestClosed.map(({ token }) => token)).toEqual([closed.chatToken]);
      });
    });

    describe('countByStatus', () => {
      it('counts the chats of each status', async () => {
        const before = await store.countByStatus();
        await createDraft();
        await createReady();
        await createReady();
        const { token } = await createDraft();
        await closeNow(store, token);

        expect(await elsewhere.countByStatus()).toEqual({
          draft: before.draft + 1,
          ready: before.ready + 2,
          closed: before.closed + 1,
        });
      });
    });

    describe('ping', () => {
      it('resolves when the database answers', async () => {
        await expect(store.ping()).resolves.toBeUndefined();
      });
    });
  });
}
