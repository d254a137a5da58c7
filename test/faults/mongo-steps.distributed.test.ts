import { ObjectId } from 'mongodb';
import { hashToken, newToken, type Chat, type UserId } from '../../src/chat/chat.ts';
import type { Message, Token } from '../../src/protocol.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import {
  draftChat,
  idsOf,
  noticesOf,
  systemMessage,
  textMessages,
  newUserId,
  creationOf,
} from '../support/chats.ts';
import { startMongoProxy, type Fault, type MongoProxy } from '../support/mongo-proxy.ts';
import { mongoScratch, mongoUri, type MongoScratch } from '../support/real-servers.ts';

/** Every step of the store meets every fault once; it must end as if there had been none. */

const faults: readonly [string, Fault][] = [
  ['a connection that is cut before', { kind: 'cut' }],
  ['an answer that is lost', { kind: 'lose answer' }],
  ...[10107, 189, 91].flatMap((code): [string, Fault][] => [
    [`error ${code} before`, { kind: 'error', code, carriedOut: false }],
    [`error ${code} after`, { kind: 'error', code, carriedOut: true }],
    [`error ${code} of the write concern`, { kind: 'write concern error', code }],
  ]),
];

const now = Date.now();
const id = (hex: string): ObjectId => ObjectId.createFromHexString(hex);

interface Ready {
  readonly chat: Chat;
  readonly chatToken: Token;
  readonly creator: Token;
  readonly joiner: Token;
}

type Step = (faulty: ChatStore, calm: ChatStore) => Promise<void>;

const createDraft = async (store: ChatStore): Promise<Chat> => {
  const chat = draftChat({ created: now });
  await store.create(creationOf(chat));
  return chat;
};

const createReady = async (store: ChatStore): Promise<Ready> => {
  const { token: chatToken, creator } = await createDraft(store);
  const joiner = newUserId();
  const chat = await store.join({
    chatToken,
    userId: joiner,
    at: now,
    createdAfter: 0,
    notices: noticesOf('joined'),
  });
  return { chat: chat!, chatToken, creator, joiner };
};

/** What the participant reads, apart from when it was accepted. */
const inboxOf = async (store: ChatStore, chatToken: Token, userId: UserId) =>
  (await store.readInbox({ chatToken, userId }))!.messages.map(
    ({ accepted: _accepted, ...message }): Message => message,
  );

const expiryOf = ({ chatToken }: Ready) => ({
  chatToken,
  closed: now,
  notices: noticesOf('expired'),
});

const steps: Readonly<Record<string, Step>> = {
  create: async (faulty, calm) => {
    const chat = draftChat({ created: now });
    const welcome = systemMessage('created');

    expect(await faulty.create(creationOf(chat, { welcome }))).toEqual({ chat, isNew: true });

    expect(await calm.find(chat.token)).toEqual(chat);
    expect(await inboxOf(calm, chat.token, chat.creator)).toEqual([welcome]);
  },
  'create with a taken token': async (faulty, calm) => {
    const { token } = await createDraft(calm);

    expect(await faulty.create(creationOf(draftChat({ token, created: now })))).toBeNull();
  },
  'create again': async (faulty, calm) => {
    const chat = await createDraft(calm);

    expect(await faulty.create(creationOf(chat))).toEqual({ chat, isNew: false });

    expect(await inboxOf(calm, chat.token, chat.creator)).toHaveLength(1);
  },
  'create with a used token': async (faulty, calm) => {
    const { token, creator } = await createDraft(calm);
    await calm.remove(token, now);
    const again = draftChat({ token, creator, created: now });

    expect(await faulty.create(creationOf(again))).toBeNull();

    expect(await calm.find(token)).toBeNull();
  },
  wasRemoved: async (faulty, calm) => {
    const { token } = await createDraft(calm);
    await calm.remove(token, now);

    expect(await faulty.wasRemoved(token, now - 1)).toBe(true);
  },
  find: async (faulty, calm) => {
    const { chatToken, chat } = await createReady(calm);

    expect(await faulty.find(chatToken)).toEqual(chat);
  },
  findParticipant: async (faulty, calm) => {
    const { chatToken, joiner } = await createReady(calm);

    expect(await faulty.findParticipant({ chatToken, userId: joiner })).toMatchObject({
      role: 'joiner',
    });
  },
  join: async (faulty, calm) => {
    const { token: chatToken, creator } = await createDraft(calm);
    const joiner = newUserId();
    const notices = noticesOf('joined');
    const join = { chatToken, userId: joiner, at: now, createdAfter: 0, notices };

    expect(await faulty.join(join)).toMatchObject({ status: 'ready', joiner });

    expect(await inboxOf(calm, chatToken, joiner)).toEqual([notices.joiner]);
    expect(await inboxOf(calm, chatToken, creator)).toHaveLength(2);
  },
  'join of a chat that is ready': async (faulty, calm) => {
    const { chatToken } = await createReady(calm);
    const notices = noticesOf('joined');
    const join = { chatToken, userId: newUserId(), at: now, createdAfter: 0, notices };

    expect(await faulty.join(join)).toBeNull();
  },
  'join again': async (faulty, calm) => {
    const { chatToken, joiner } = await createReady(calm);
    const notices = noticesOf('joined');
    const join = { chatToken, userId: joiner, at: now, createdAfter: 0, notices };

    expect(await faulty.join(join)).toBeNull();

    expect(await inboxOf(calm, chatToken, joiner)).toHaveLength(1);
  },
  send: async (faulty, calm) => {
    const { chatToken, creator, joiner } = await createReady(calm);
    const messages = textMessages(20);

    const sent = await faulty.send({ chatToken, userId: creator, at: now, messages });

    expect(sent?.outcome).toBe('stored');
    expect(idsOf(await inboxOf(calm, chatToken, joiner)).slice(1)).toEqual(idsOf(messages));
  },
  acknowledge: async (faulty, calm) => {
    const { chatToken, creator, joiner } = await createReady(calm);
    const messages = textMessages(3);
    await calm.send({ chatToken, userId: creator, at: now, messages });
    const ids = idsOf(messages.slice(0, 2));

    const caller = { chatToken, userId: joiner, at: now };
    expect(await faulty.acknowledge({ ...caller, ids })).toMatchObject({ status: 'ready' });

    expect(idsOf(await inboxOf(calm, chatToken, joiner)).slice(1)).toEqual([messages[2]!._id]);
  },
  'acknowledge the last of a closed chat': async (faulty, calm) => {
    const { token: chatToken, creator: userId } = await createDraft(calm);
    await calm.close({ chatToken, at: now, notices: noticesOf('closed') });
    const ids = idsOf(await inboxOf(calm, chatToken, userId));

    const closed = await faulty.acknowledge({ chatToken, userId, at: now, ids });

    expect(closed).toMatchObject({ status: 'closed' });
    expect(await calm.find(chatToken)).toBeNull();
    expect(await calm.wasRemoved(chatToken, now - 1)).toBe(true);
  },
  close: async (faulty, calm) => {
    const { chatToken, creator } = await createReady(calm);
    const notices = noticesOf('closed');

    expect(await faulty.close({ chatToken, at: now, notices })).toMatchObject({ closed: now });

    const inbox = await inboxOf(calm, chatToken, creator);
    expect(inbox.filter(({ event }) => event === 'closed')).toEqual([notices.creator]);
  },
  'close a closed chat': async (faulty, calm) => {
    const { chatToken } = await createReady(calm);
    await calm.close({ chatToken, at: now, notices: noticesOf('closed') });

    const close = { chatToken, at: now + 1, notices: noticesOf('closed') };
    expect(await faulty.close(close)).toBeNull();
  },
  noticeIntruder: async (faulty, calm) => {
    const { chatToken, joiner } = await createReady(calm);
    const notices = noticesOf('intruder');

    const notice = { chatToken, at: now, notSince: now - 60_000, notices };
    expect(await faulty.noticeIntruder(notice)).toMatchObject({ status: 'ready' });

    expect((await inboxOf(calm, chatToken, joiner)).slice(1)).toEqual([notices.joiner]);
  },
  'read the inbox and be seen': async (faulty, calm) => {
    const { chatToken, creator, joiner } = await createReady(calm);

    const inbox = await faulty.readInbox({ chatToken, userId: creator, at: now + 5 });

    expect(inbox?.messages).toHaveLength(2);
    const talkers = await calm.readInbox({ chatToken, userId: joiner });
    expect(talkers?.talkerSeenUntil).toBe(now + 5);
  },
  'begin and end a poll': async (faulty, calm) => {
    const { chatToken, creator, joiner } = await createReady(calm);
    const poll = { chatToken, userId: creator, pollId: newToken() };

    const inbox = await faulty.beginPoll({ ...poll, at: now, until: now + 45_000 });
    expect(inbox).toMatchObject({ poll: poll.pollId });
    expect(inbox?.messages).toHaveLength(2);
    await faulty.endPoll({ ...poll, at: now + 7 });

    const talkers = await calm.readInbox({ chatToken, userId: joiner });
    expect(talkers?.talkerSeenUntil).toBe(now + 7);
  },
  expire: async (faulty, calm) => {
    const one = await createReady(calm);
    const other = await createReady(calm);
    const expiries = [expiryOf(one), expiryOf(other)];

    expect(await faulty.expire(expiries)).toBe(2);

    const { chatToken, joiner } = other;
    expect(await inboxOf(calm, chatToken, joiner)).toEqual([expiries[1]!.notices.joiner]);
  },
  remove: async (faulty, calm) => {
    const { chatToken, chat } = await createReady(calm);

    expect(await faulty.remove(chatToken, now)).toEqual(chat);

    expect(await calm.find(chatToken)).toBeNull();
    expect(await calm.wasRemoved(chatToken, now - 1)).toBe(true);
  },
  removeFinished: async (faulty, calm) => {
    const { chatToken } = await createReady(calm);
    const closed = now - 86_400_000;
    await calm.close({ chatToken, at: closed, notices: noticesOf('closed') });

    // Room for what all lines, at the same time, have to remove.
    await faulty.removeFinished({ at: now, closedBefore: closed, createdBefore: 0, limit: 1000 });

    expect(await calm.find(chatToken)).toBeNull();
    expect(await calm.wasRemoved(chatToken, now - 1)).toBe(true);
  },
  ping: (faulty) => faulty.ping(),
};

/** A way to the server on which one kind of fault happens. */
interface Line {
  readonly name: string;
  readonly fault: Fault;
  readonly proxy: MongoProxy;
  readonly store: ChatStore;
}

describe('MongoDB behind a bad network', () => {
  let scratch: MongoScratch;
  let calm: ChatStore;
  let lines: Line[];

  beforeAll(async () => {
    scratch = mongoScratch();
    calm = await scratch.connect();
    const opening = faults.map(async ([name, fault]): Promise<Line> => {
      const proxy = await startMongoProxy(mongoUri());
      return { name, fault, proxy, store: await scratch.connect({ uri: proxy.uri }) };
    });
    lines = await Promise.all(opening);
  });

  afterAll(async () => {
    await scratch.dispose();
    for (const { proxy } of lines) await proxy.close();
  });

  /** Takes a step on every line while its next commands (of one name), so many, meet its fault. */
  const disturb = (step: Step, times: number, only?: string): Promise<string[]> =>
    Promise.all(
      lines.map(async ({ name, fault, proxy, store }) => {
        let left = times;
        proxy.fault = (command) => {
          if (only !== undefined && command !== only) return null;
          return left-- > 0 ? fault : null;
        };
        try {
          await step(store, calm);
        } catch (error) {
          throw new Error(`The step failed with ${name}`, { cause: error });
        }
        return left <= 0 ? name : `${name} did not happen so often`;
      }),
    );

  describe.each([1, 3])('that disturbs %i times', (times) => {
    it.each(Object.keys(steps))('%s ends as if it had not', async (name) => {
      expect(await disturb(steps[name]!, times)).toEqual(faults.map(([fault]) => fault));
    });
  });

  describe('that disturbs one part of a step', () => {
    it.each([
      ['create', 'insert'],
      ['remove', 'update'],
      ['remove', 'delete'],
      ['removeFinished', 'update'],
      ['removeFinished', 'delete'],
      ['acknowledge the last of a closed chat', 'update'],
      ['acknowledge the last of a closed chat', 'delete'],
    ])('%s, %s: it ends as if it had not', async (name, command) => {
      expect(await disturb(steps[name]!, 1, command)).toEqual(faults.map(([fault]) => fault));
    });
  });

  it('remembers a removed chat also when another process does so in the same moment', async () => {
    const { proxy, store } = lines[0]!;
    let left = 1;
    proxy.fault = (command) =>
      command === 'update' && left-- > 0 ? { kind: 'error', code: 11000, carriedOut: true } : null;

    await steps['remove']!(store, calm);

    expect(left).toBeLessThanOrEqual(0);
    proxy.fault = () => null;
  });

  it('knows a send again that was stored before another process closed the chat', async () => {
    const { proxy, store } = lines[0]!;
    const { chatToken, creator, joiner } = await createReady(calm);
    await store.findParticipant({ chatToken, userId: creator });
    const messages = textMessages(2);
    let attempts = 0;
    let isClosed = false;
    const close = async () => {
      await calm.close({ chatToken, at: now, notices: noticesOf('closed') });
      isClosed = true;
    };
    proxy.fault = (command) => {
      if (command !== 'update' || isClosed) return null;
      attempts += 1;
      if (attempts === 2) void close();
      return { kind: 'error', code: 189, carriedOut: attempts === 1 };
    };

    const sent = await store.send({ chatToken, userId: creator, at: now, messages });

    proxy.fault = () => null;
    expect([sent?.outcome, isClosed]).toEqual(['stored', true]);
    const ids = idsOf(await inboxOf(calm, chatToken, joiner));
    expect(ids.slice(1, -1)).toEqual(idsOf(messages));
  });

  describe('a token that is used up while a chat is created under it', () => {
    const remember = (chatToken: Token) =>
      scratch.db
        .collection('used_invitations')
        .insertOne({ _id: id(hashToken(chatToken)), removed: new Date(now) });

    it.each<[string, Fault]>([
      ['in between', { kind: 'delay', by: 700 }],
      ['and the answer is lost', { kind: 'error', code: 189, carriedOut: true }],
    ])('is taken: %s', async (_name, fault) => {
      const { proxy, store } = lines[0]!;
      const chat = draftChat({ created: now });
      let remembering: Promise<unknown> | undefined;
      let isRemembered = false;
      proxy.fault = (command) => {
        if (command !== 'insert' || isRemembered) return null;
        remembering ??= remember(chat.token).then(() => (isRemembered = true));
        return fault;
      };

      expect(await store.create(creationOf(chat))).toBeNull();

      await remembering;
      proxy.fault = () => null;
      expect(isRemembered).toBe(true);
      expect(await calm.find(chat.token)).toBeNull();
    });
  });

  describe('a draft that gives way', () => {
    it.each(faults)('is one, not two, with %s', async (_name, fault) => {
      const own = mongoScratch();
      const proxy = await startMongoProxy(mongoUri());
      try {
        const store = await own.connect({ uri: proxy.uri });
        const created = now - 3_600_000;
        const drafts = [draftChat({ created: created - 1 }), draftChat({ created })];
        for (const draft of drafts) await store.create(creationOf(draft));
        let left = 2;
        proxy.fault = (command) => (command === 'findAndModify' && left-- > 0 ? fault : null);

        const step = { at: now, notSeenSince: now - 600_000 };
        expect(await store.removeForsakenDraft(step)).toEqual(drafts[0]);

        expect(await store.find(drafts[1]!.token)).toEqual(drafts[1]);
        expect(await store.wasRemoved(drafts[0]!.token, now - 1)).toBe(true);
      } finally {
        await own.dispose();
        await proxy.close();
      }
    });
  });

  describe('errors', () => {
    const secret = 'deadbeefdeadbeefdeadbeef says: Hi';

    const failureOf = async (fault: Fault): Promise<Error> => {
      const { proxy } = lines[0]!;
      const store = await scratch.connect({ uri: proxy.uri, operationTimeoutMs: 1000 });
      proxy.fault = () => fault;
      const failure: unknown = await store.find(newToken()).then(
        () => null,
        (error: unknown) => error,
      );
      proxy.fault = () => null;
      if (!(failure instanceof Error)) throw new Error('it did not fail');
      return failure;
    };

    it.each([50, 10107, 13, 18, 8000])(
      'with code %i make the storage unavailable',
      async (code) => {
        const fault: Fault = { kind: 'error', code, carriedOut: false, message: secret };
        const failure = await failureOf(fault);

        expect(failure).toBeInstanceOf(StorageUnavailable);
        expect((failure.cause as Error).message).toContain(String(code));
        expect((failure.cause as Error).stack).not.toContain('deadbeef');
      },
    );

    it('that are not of the storage stay what they are, without what they quote', async () => {
      const fault: Fault = { kind: 'error', code: 2, carriedOut: false, message: secret };
      const failure = await failureOf(fault);

      expect(failure).not.toBeInstanceOf(StorageUnavailable);
      expect(failure.stack).not.toContain('deadbeef');
    });
  });
});
