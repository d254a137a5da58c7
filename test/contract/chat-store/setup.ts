import type { Chat, UserId } from '../../../src/chat/chat.ts';
import type { Message, OutgoingMessage, Token } from '../../../src/protocol.ts';
import type { ChatStore, Inbox, SendResult } from '../../../src/chat/chat-store.ts';
import {
  draftChat,
  idsOf,
  inBatches,
  noticesOf,
  newUserId,
  creationOf,
  withoutTime,
} from '../../support/chats.ts';

/** A store for one run of the suite; it may have chats of its own already. */
export interface Opened {
  readonly store: ChatStore;
  /** A further view of the same data, as another process would have it. */
  another(): Promise<ChatStore>;
  /** Disconnects everything that was opened, and takes the data away. */
  dispose(): Promise<void>;
}

/** How many do the same thing at once where only one may succeed. */
export const CROWD = 60;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Near the real time: a store may also remove by its own clock what is older than a day. */
export const now = Date.now();

export interface ReadyChat {
  readonly chatToken: Token;
  readonly creator: Token;
  readonly joiner: Token;
}

/** What the suite does with one store; its connections are there as soon as a test runs. */
export type StoreUnderTest = ReturnType<typeof useStore>;

export const outcomeOf = async (sending: Promise<SendResult | null>) => (await sending)?.outcome;

export const withoutNull = <Result>(results: readonly (Result | null)[]): Result[] =>
  results.filter((result) => result !== null);

/** One store for all tests of a block, seen through two connections, and what tests often do with it. */
export function useStore(open: () => Promise<Opened>) {
  let connections: { opened: Opened; store: ChatStore; elsewhere: ChatStore } | undefined;
  const connected = () => {
    if (connections === undefined) throw new Error('The store has not been opened');
    return connections;
  };
  const opened = (): Opened => connected().opened;
  const store = (): ChatStore => connected().store;
  const elsewhere = (): ChatStore => connected().elsewhere;
  const views = (): ChatStore[] => [store(), elsewhere()];
  /** One of the two connections, in turn. */
  const view = (index: number): ChatStore => views()[index % 2]!;

  beforeAll(async () => {
    const first = await open();
    connections = { opened: first, store: first.store, elsewhere: await first.another() };
  });

  afterAll(() => connections?.opened.dispose());

  const createDraft = async (facts: Partial<Chat> = {}): Promise<Chat> => {
    const chat = draftChat({ created: now, ...facts });
    expect(await store().create(creationOf(chat))).toEqual({ chat, isNew: true });
    return chat;
  };

  const joinDraft = async ({ token, creator, created }: Chat): Promise<ReadyChat> => {
    const joiner = newUserId();
    const joined = await store().join({
      chatToken: token,
      userId: joiner,
      at: created,
      createdAfter: created - 1,
      notices: noticesOf('joined'),
    });
    expect(joined).not.toBeNull();
    return { chatToken: token, creator, joiner };
  };

  const createReady = async (facts: Partial<Chat> = {}): Promise<ReadyChat> =>
    joinDraft(await createDraft(facts));

  const readInbox = async (chatToken: Token, userId: UserId): Promise<Inbox> => {
    const inbox = await store().readInbox({ chatToken, userId });
    if (inbox === null) throw new Error('no such participant');
    return inbox;
  };

  const messagesOf = async (chatToken: Token, userId: UserId): Promise<readonly Message[]> =>
    (await readInbox(chatToken, userId)).messages.map(withoutTime);

  const eventsOf = async (chatToken: Token, userId: UserId) =>
    (await messagesOf(chatToken, userId)).map(({ event }) => event);

  const emptyInbox = async (chatToken: Token, userId: UserId): Promise<void> => {
    const ids = idsOf(await messagesOf(chatToken, userId));
    await store().acknowledge({ chatToken, userId, at: now, ids });
  };

  /** A ready chat in which nothing waits. */
  const createQuiet = async (facts: Partial<Chat> = {}): Promise<ReadyChat> => {
    const chat = await createReady(facts);
    await emptyInbox(chat.chatToken, chat.creator);
    await emptyInbox(chat.chatToken, chat.joiner);
    return chat;
  };

  const send = async (
    from: ChatStore,
    chatToken: Token,
    userId: UserId,
    messages: readonly OutgoingMessage[],
  ): Promise<SendResult | null> => from.send({ chatToken, userId, at: now, messages });

  const sendInBatches = async (
    { chatToken, creator }: ReadyChat,
    messages: readonly OutgoingMessage[],
  ): Promise<void> => {
    for (const batch of inBatches(messages, 20)) {
      expect(await outcomeOf(send(store(), chatToken, creator, batch))).toBe('stored');
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

  return {
    store,
    elsewhere,
    opened,
    views,
    view,
    createDraft,
    joinDraft,
    createReady,
    readInbox,
    messagesOf,
    eventsOf,
    emptyInbox,
    createQuiet,
    send,
    sendInBatches,
    closeNow,
    expireNow,
    inCrowd,
  };
}
