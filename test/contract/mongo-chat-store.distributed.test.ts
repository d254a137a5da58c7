import { ObjectId, type Document } from 'mongodb';
import { hashToken, newToken, type UserId } from '../../src/chat/chat.ts';
import { ServerClock } from '../../src/distributed/mongo/server-clock.ts';
import { REMEMBERED_IDS, type Token } from '../../src/protocol.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import {
  draftChat,
  inBatches,
  idsOf,
  noticesOf,
  textMessages,
  newUserId,
  creationOf,
} from '../support/chats.ts';
import { captureLog } from '../support/captured-log.ts';
import { eventually } from '../support/eventually.ts';
import { startMongoProxy } from '../support/mongo-proxy.ts';
import { mongoScratch, mongoUri, type MongoScratch } from '../support/real-servers.ts';
import { describeChatStore } from './chat-store/index.ts';

/** What these tests are about is not how fast a machine is that does other things, too. */
const patient = { operationTimeoutMs: 20_000 };
jest.setTimeout(120_000);

describeChatStore('MongoDB', async () => {
  const scratch = mongoScratch();
  return {
    store: await scratch.connect(patient),
    another: () => scratch.connect(patient),
    dispose: () => scratch.dispose(),
  };
});

const now = Date.now();
const id = (token: Token): ObjectId => ObjectId.createFromHexString(token);

const messageOf = (step: () => unknown): string | null => {
  try {
    step();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('MongoDB: what the store keeps and asks', () => {
  let scratch: MongoScratch;
  let store: ChatStore;
  let elsewhere: ChatStore;
  const commands: string[] = [];

  beforeAll(async () => {
    scratch = mongoScratch();
    elsewhere = await scratch.connect(patient);
    store = await scratch.connect({ ...patient, onCommand: (name) => commands.push(name) });
  });

  afterAll(() => scratch.dispose());

  const stored = async (chatToken: Token): Promise<Document> => {
    const document = await scratch.chats.findOne({ _id: id(chatToken) });
    if (document === null) throw new Error('no such chat');
    return document;
  };

  const createDraft = async () => {
    const chat = draftChat({ created: now });
    await store.create(creationOf(chat));
    return { chatToken: chat.token, creator: chat.creator, joiner: newUserId() };
  };

  const joinAs = (chatToken: Token, userId: UserId) =>
    store.join({ chatToken, userId, at: now, createdAfter: 0, notices: noticesOf('joined') });

  const createReady = async () => {
    const chat = await createDraft();
    await joinAs(chat.chatToken, chat.joiner);
    return chat;
  };

  const poll = (
    chatToken: Token,
    userId: UserId,
    pollId = newToken(),
    at = now,
    process: ChatStore = store,
  ) => process.beginPoll({ chatToken, userId, pollId, at, until: at + 45_000 });

  const closeNow = (chatToken: Token) =>
    store.close({ chatToken, at: now, notices: noticesOf('closed') });

  describe('a document', () => {
    const isId = (value: unknown): boolean => value instanceof ObjectId;
    const isDate = (value: unknown): boolean => value instanceof Date;
    const isText = (value: unknown): boolean => typeof value === 'string';
    const isNumber = (value: unknown): boolean => typeof value === 'number';
    const isFlag = (value: unknown): boolean => typeof value === 'boolean';
    const isTrue = (value: unknown): boolean => value === true;
    const listOf = (isItem: (value: unknown) => boolean) => (value: unknown) =>
      Array.isArray(value) && value.every(isItem);
    type Shape = Readonly<Record<string, (value: unknown) => boolean>>;
    const hasShape =
      (required: Shape, optional: Shape = {}) =>
      (value: unknown): boolean =>
        typeof value === 'object' &&
        value !== null &&
        Object.keys(required).every((name) => name in value) &&
        Object.entries(value).every(([name, part]) => ({ ...required, ...optional })[name]?.(part));

    /** The specification's fields, then the project's own. */
    const isChat = hasShape(
      {
        _id: isId,
        status: isText,
        user_tokens: listOf(isId),
        messages: listOf(
          hasShape(
            { _id: isId, user_token: isId, msg: isText, system: isFlag, created: isDate },
            { event: isText },
          ),
        ),
        long_polling: listOf(
          hasShape(
            { _id: isId, user_token: isId, created: isDate, until: isDate },
            { process: isId, number: isNumber },
          ),
        ),
        created: isDate,
      },
      {
        encrypted: isFlag,
        absence_close_after: isNumber,
        closed: isDate,
        expired: isTrue,
        intruder_noticed: isDate,
        recent: listOf(hasShape({ _id: isId, user_token: isId, mark: isNumber })),
      },
    );

    it('has the fields of the specification and the documented own ones, nothing else', async () => {
      const { chatToken, creator, joiner } = await createDraft();
      const stages: (() => unknown)[] = [
        () => poll(chatToken, creator),
        () => joinAs(chatToken, joiner),
        () => poll(chatToken, joiner),
        () => store.send({ chatToken, userId: creator, at: now, messages: textMessages(3) }),
        () => store.send({ chatToken, userId: joiner, at: now, messages: textMessages(3) }),
        () =>
          store.noticeIntruder({
            chatToken,
            at: now,
            notSince: 0,
            notices: noticesOf('intruder'),
          }),
        () => closeNow(chatToken),
        () => store.expire([{ chatToken, closed: now, notices: noticesOf('expired') }]),
      ];

      expect(isChat(await stored(chatToken))).toBe(true);
      for (const stage of stages) {
        await stage();
        const document = await stored(chatToken);
        expect([document, isChat(document)]).toEqual([document, true]);
      }
    });

    it('names the creator first, then the joiner, and the addressee of each message', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const messages = textMessages(1, '$status');
      await store.send({ chatToken, userId: creator, at: now, messages });

      const document = await stored(chatToken);

      expect(document['_id']).toEqual(id(chatToken));
      expect(document['user_tokens']).toEqual([id(creator), id(joiner)]);
      expect((document['messages'] as Document[]).at(-1)).toEqual({
        _id: id(messages[0]!._id),
        user_token: id(joiner),
        msg: '$status 0',
        system: false,
        created: new Date(now),
      });
    });

    it('says in seconds how long one may be away, as on the wire', async () => {
      const chat = draftChat({ absenceCloseAfterMs: 90_500 });
      await store.create(creationOf(chat));

      expect(await stored(chat.token)).toMatchObject({ absence_close_after: 90.5 });
      expect(await store.find(chat.token)).toEqual(chat);
    });

    it('has no text any more once it is acknowledged', async () => {
      const { chatToken, creator, joiner } = await createReady();
      const messages = textMessages(2, 'secret');
      await store.send({ chatToken, userId: creator, at: now, messages });
      await store.acknowledge({ chatToken, userId: joiner, at: now, ids: idsOf(messages) });

      expect(JSON.stringify(await stored(chatToken))).not.toContain('secret');
    });
  });

  it('keeps the repeat of an old id and new messages apart where old ids are given up', async () => {
    const { chatToken, creator, joiner } = await createReady();
    const all = textMessages(REMEMBERED_IDS);
    for (let from = 0; from < all.length; from += 20) {
      const messages = all.slice(from, from + 20);
      await store.send({ chatToken, userId: creator, at: now, messages });
      await store.acknowledge({ chatToken, userId: joiner, at: now, ids: idsOf(messages) });
    }
    const messages = [all[0]!, ...textMessages(1, 'new')];

    const result = await store.send({ chatToken, userId: creator, at: now, messages });

    expect(result?.outcome).toBe('stored');
    const inbox = await store.readInbox({ chatToken, userId: joiner });
    expect(inbox?.messages.at(-1)?.msg).toBe('new 0');
    expect(inbox?.messages.filter(({ system }) => !system)).toHaveLength(1);
  });

  describe('a document that others wrote with the specification’s fields only', () => {
    const foreign = async (facts: Document = {}) => {
      const [creator, joiner] = [new ObjectId(), new ObjectId()];
      const document = {
        _id: new ObjectId(),
        status: 'ready',
        user_tokens: [creator, joiner],
        messages: [{ _id: new ObjectId(), user_token: joiner, msg: 'Hi', system: false }],
        long_polling: [{ _id: new ObjectId(), user_token: creator, created: new Date(now) }],
        created: new Date(now),
        ...facts,
      };
      await scratch.chats.insertOne(document);
      return {
        chatToken: document._id.toHexString(),
        creator: creator.toHexString(),
        joiner: joiner.toHexString(),
        pollId: document.long_polling[0]!._id.toHexString(),
      };
    };

    it('is a chat like any other', async () => {
      const { chatToken, creator, joiner, pollId } = await foreign();
      const messages = textMessages(1);

      expect(await store.find(chatToken)).toMatchObject({
        encrypted: false,
        closed: null,
        absenceCloseAfterMs: 360_000,
        joiner,
      });
      expect(await store.readInbox({ chatToken, userId: creator })).toMatchObject({
        poll: pollId,
        pollBegan: now,
      });
      expect(await poll(chatToken, joiner)).toMatchObject({
        messages: [{ msg: 'Hi', system: false }],
        waiting: 0,
        talkerSeenUntil: now,
        supersedes: false,
        wasSeenUntil: null,
      });
      expect(await store.readInbox({ chatToken, userId: creator })).toMatchObject({ waiting: 1 });
      const sent = await store.send({ chatToken, userId: joiner, at: now, messages });
      expect(sent?.outcome).toBe('stored');
      expect(await closeNow(chatToken)).toMatchObject({ status: 'closed', closed: now });
    });

    it('counts as seen when its last poll began', async () => {
      const { chatToken, creator } = await foreign();
      const close = { chatToken, at: now, notices: noticesOf('absent') };

      expect(
        await store.close({ ...close, unlessSeen: { userId: creator, since: now - 1 } }),
      ).toBeNull();
      expect(
        await store.close({ ...close, unlessSeen: { userId: creator, since: now } }),
      ).not.toBeNull();
    });

    it('counts as closed when it was created if it does not say when', async () => {
      const { chatToken } = await foreign({ status: 'closed' });
      const page = { at: now, createdBefore: 0, limit: 100 };

      expect(await store.find(chatToken)).toMatchObject({ closed: now });
      await store.removeFinished({ ...page, closedBefore: now - 1 });
      expect(await store.find(chatToken)).not.toBeNull();
      await store.removeFinished({ ...page, closedBefore: now });
      expect(await store.find(chatToken)).toBeNull();
    });
  });

  describe('what is remembered of removed chats', () => {
    const used = (chatToken: Token) =>
      scratch.db.collection('used_invitations').findOne({ _id: id(hashToken(chatToken)) });

    it('is a hash of the token and a time', async () => {
      const { chatToken } = await createReady();

      await store.remove(chatToken, now);

      expect(await used(chatToken)).toEqual({
        _id: id(hashToken(chatToken)),
        removed: new Date(now),
      });
      const all = await scratch.db.collection('used_invitations').find().toArray();
      expect(JSON.stringify(all)).not.toContain(chatToken);
    });

    it('is written before the chat is deleted', async () => {
      const { chatToken } = await createReady();
      commands.length = 0;

      await store.remove(chatToken, now);

      expect(commands).toEqual(['find', 'update', 'delete']);
    });
  });

  describe('drafts that give way', () => {
    it('are different ones for each of many processes', async () => {
      const own = mongoScratch();
      try {
        const stores = await Promise.all([1, 2, 3].map(() => own.connect(patient)));
        const drafts = Array.from({ length: 25 }, () => draftChat({ created: now - 3_600_000 }));
        await Promise.all(drafts.map((chat) => stores[0]!.create(creationOf(chat))));

        const step = { at: now, notSeenSince: now - 600_000 };
        const removed = await Promise.all(
          Array.from({ length: 30 }, (_, index) => stores[index % 3]!.removeForsakenDraft(step)),
        );

        const tokens = removed.flatMap((chat) => chat?.token ?? []);
        expect(tokens.toSorted()).toEqual(drafts.map(({ token }) => token).toSorted());
      } finally {
        await own.dispose();
      }
    });

    it('may be those of others, who do not say until when a poll was held', async () => {
      const created = new Date(now - 3_600_000);
      const creator = new ObjectId();
      const _id = new ObjectId();
      const poll = { _id: new ObjectId(), user_token: creator, created: new Date(now - 900_000) };
      const facts = { status: 'draft', user_tokens: [creator], messages: [], created };
      await scratch.chats.insertOne({ _id, ...facts, long_polling: [poll] });
      const remove = (notSeenSince: number) => store.removeForsakenDraft({ at: now, notSeenSince });

      expect(await remove(now - 900_001)).toBeNull();
      expect(await remove(now - 900_000)).toMatchObject({ token: _id.toHexString() });
    });
  });

  describe('a late repeat', () => {
    it('of an older poll does not take the place of a newer one', async () => {
      const { chatToken, creator } = await createReady();
      const [older, newer] = [newToken(), newToken()];
      await poll(chatToken, creator, newer, now);

      expect(await poll(chatToken, creator, older, now - 10_000, elsewhere)).toMatchObject({
        poll: newer,
        supersedes: false,
      });
      expect(await store.readInbox({ chatToken, userId: creator })).toMatchObject({ poll: newer });
    });

    it('is none that comes from a process whose clock jumps, back or ahead', async () => {
      const { chatToken, creator: userId } = await createReady();
      const clock = {
        ahead: 0,
        now: () => Date.now() + clock.ahead,
        elapsed: () => performance.now(),
      };
      const jumping = await scratch.connect({
        ...patient,
        serverClock: new ServerClock(clock),
      });
      const begin = (of: ChatStore, at: number, pollId = newToken()) =>
        of.beginPoll({ chatToken, userId, pollId, at, until: at + 45_000 });

      for (const ahead of [0, -3_600_000, 0, 3_600_000, 0]) {
        clock.ahead = ahead;
        const [here, elsewhere] = [newToken(), newToken()];
        expect(await begin(jumping, clock.now(), here)).toMatchObject({ poll: here });
        expect(await begin(store, Date.now(), elsewhere)).toMatchObject({ poll: elsewhere });
        expect(await begin(jumping, clock.now() - 10_000)).toMatchObject({ poll: elsewhere });
      }
    });

    it('is none that comes after a poll of a time that has not come yet', async () => {
      const { chatToken, creator } = await createReady();
      const pollId = newToken();
      await poll(chatToken, creator, newToken(), Date.now() + 3_600_000);

      const later = await poll(chatToken, creator, pollId, Date.now(), elsewhere);
      expect(later).toMatchObject({ poll: pollId });
      expect(await store.readInbox({ chatToken, userId: creator })).toMatchObject({ poll: pollId });
    });

    it('is no reason to refuse a poll of a process whose clock is a little slow', async () => {
      const { chatToken, creator } = await createReady();
      const pollId = newToken();
      await poll(chatToken, creator, newToken(), now + 1000);

      expect(await poll(chatToken, creator, pollId, now, elsewhere)).toMatchObject({
        poll: pollId,
        supersedes: true,
      });
    });
  });

  it('has the polls of one process in the order in which they began, however late one is written', async () => {
    const proxy = await startMongoProxy(mongoUri());
    try {
      const slow = await scratch.connect({ ...patient, uri: proxy.uri });
      const { chatToken, creator } = await createReady();
      const [older, newer] = [newToken(), newToken()];
      await slow.findParticipant({ chatToken, userId: creator });
      let isFirst = true;
      proxy.fault = (command) => {
        if (command !== 'findAndModify' || !isFirst) return null;
        isFirst = false;
        return { kind: 'delay', by: 700 };
      };

      const late = poll(chatToken, creator, older, now, slow);
      const inTime = await poll(chatToken, creator, newer, now, slow);

      expect(inTime).toMatchObject({ poll: newer });
      expect(await late).toMatchObject({ supersedes: false });
      expect(await store.readInbox({ chatToken, userId: creator })).toMatchObject({ poll: newer });
    } finally {
      await proxy.close();
    }
  });

  describe.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('a process whose clock is an hour %s', (_where, ahead) => {
    let wrong: ChatStore;
    const clock = { now: () => Date.now() + ahead, elapsed: () => performance.now() };
    /** So much may a time be read wrong. */
    const MINUTE = 60_000;
    const isAbout = (time: number | null | undefined, expected: number): boolean =>
      Math.abs((time ?? 0) - expected) < MINUTE;

    beforeAll(async () => {
      wrong = await scratch.connect({
        ...patient,
        serverClock: new ServerClock(clock),
      });
    });

    it('tells the others when somebody polls, and hears it of them', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await poll(chatToken, creator, newToken(), clock.now(), wrong);
      await poll(chatToken, joiner, newToken(), Date.now());

      const here = await store.readInbox({ chatToken, userId: joiner });
      const there = await wrong.readInbox({ chatToken, userId: creator });

      expect(isAbout(here?.talkerSeenUntil, Date.now() + 45_000)).toBe(true);
      expect(isAbout(here?.pollBegan, Date.now())).toBe(true);
      expect(isAbout(there?.pollBegan, clock.now())).toBe(true);
      expect(isAbout(there?.talkerSeenUntil, clock.now() + 45_000)).toBe(true);
      expect(isAbout(there?.chat.created, clock.now())).toBe(true);
    });

    it('closes no chat whose talker is there', async () => {
      const { chatToken, creator, joiner } = await createReady();
      await store.readInbox({ chatToken, userId: joiner, at: Date.now() });
      const unlessSeen = { userId: joiner, since: clock.now() - 10 * MINUTE };
      const step = { chatToken, at: clock.now(), notices: noticesOf('absent'), unlessSeen };

      expect(await wrong.close(step)).toBeNull();
      const closing = { ...step, unlessSeen: { userId: creator, since: clock.now() + MINUTE } };
      expect(isAbout((await wrong.close(closing))?.closed, clock.now())).toBe(true);
      expect(isAbout((await store.find(chatToken))?.closed, Date.now())).toBe(true);
    });

    it('counts as they do', async () => {
      expect(await wrong.countByStatus()).toEqual(await store.countByStatus());
    });
  });

  describe('connecting', () => {
    it('is put off while no server is there: every operation says so, without the password', async () => {
      const log = captureLog();
      const away = 'mongodb://user:hunter2@127.0.0.1:1/';
      const lost = scratch.open({ uri: away, logger: log.logger, operationTimeoutMs: 200 });

      const failure: unknown = await lost.ping().catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(StorageUnavailable);
      expect(String((failure as StorageUnavailable).cause)).not.toContain('hunter2');
      await eventually(() => log.lines().length > 0, 'the log says so');
      expect(log.lines()).toEqual([expect.stringContaining('storage cannot be used yet')]);
      expect(log.lines().join()).not.toContain('hunter2');
    });

    it.each([
      'mongodb://',
      'mongodb://user:hunter2@host:port/',
      'mongodb://user:12/hunter2@host/',
      'mongodb://user:hunter2@ho@st/',
      'mongodb://user:hunter%2@host/',
      'mongodb+srv://user:hunter2@host:27017/',
      'mongodb://user:hunter2@host/?tls=perhaps',
    ])('is refused at once, in one line without the password, with %s', (uri) => {
      const message = messageOf(() => scratch.open({ uri }));

      expect(message).toMatch(/^.+$/);
      expect(message).not.toMatch(/hunter|user|12/);
    });

    it('is not done again by what comes after the end', async () => {
      const short = await scratch.connect(patient);
      await short.disconnect();

      await expect(short.find(newToken())).rejects.toBeInstanceOf(StorageUnavailable);
    });
  });

  describe('round trips', () => {
    const commandsOf = async (step: () => unknown): Promise<string[]> => {
      commands.length = 0;
      await step();
      return [...commands];
    };

    it('are one for each step of a participant, and none to know who it is', async () => {
      const chat = draftChat({ created: now });
      const { token: chatToken, creator: userId } = chat;
      const joiner = newUserId();
      const caller = { chatToken, userId, at: now };
      const pollId = newToken();
      const asked: Record<string, string[]> = {};
      const ask = async (name: string, step: () => unknown): Promise<void> => {
        asked[name] = await commandsOf(step);
      };

      await ask('create', () => store.create(creationOf(chat)));
      await ask('create again', () => store.create(creationOf(chat)));
      await ask('authenticate', () => store.findParticipant({ chatToken, userId }));
      await ask('authenticate again', () => store.findParticipant({ chatToken, userId }));
      await ask('join', () => joinAs(chatToken, joiner));
      await ask('join refused', () => joinAs(chatToken, newToken()));
      await ask('send', () => store.send({ ...caller, messages: textMessages(20) }));
      await ask('read inbox', () => store.readInbox({ chatToken, userId }));
      await ask('read inbox, seen', () => store.readInbox(caller));
      await ask('begin poll', () => store.beginPoll({ ...caller, pollId, until: now + 45_000 }));
      await ask('end poll', () => store.endPoll({ ...caller, pollId }));
      await ask('acknowledge', () => store.acknowledge({ ...caller, ids: [newToken()] }));
      await ask('close', () => closeNow(chatToken));
      await ask('send refused', () => store.send({ ...caller, messages: textMessages(1) }));

      expect(asked).toEqual({
        create: ['find', 'insert', 'find'],
        'create again': ['find', 'insert', 'find', 'find'],
        authenticate: ['find'],
        'authenticate again': [],
        join: ['findAndModify'],
        'join refused': ['findAndModify', 'find'],
        send: ['update'],
        'read inbox': ['find'],
        'read inbox, seen': ['findAndModify'],
        'begin poll': ['findAndModify'],
        'end poll': ['update'],
        acknowledge: ['update'],
        close: ['findAndModify'],
        'send refused': ['findAndModify'],
      });
    });

    it('are one for the steps of many chats at once, sends and acknowledgements', async () => {
      const chats = [await createReady(), await createReady(), await createReady()];
      const sending = () =>
        Promise.all(
          chats.flatMap(({ chatToken, creator, joiner }) => [
            (async () => {
              await store.send({ chatToken, userId: creator, at: now, messages: textMessages(2) });
            })(),
            (async () => {
              await store.acknowledge({ chatToken, userId: joiner, at: now, ids: [newToken()] });
            })(),
          ]),
        );

      expect(await commandsOf(sending)).toEqual(['update']);
    });

    it('are three for steps of which one is refused, and the others are taken', async () => {
      const [open, closed] = [await createReady(), await createReady()];
      await elsewhere.close({ chatToken: closed.chatToken, at: now, notices: noticesOf('closed') });
      const steps = [open, closed].map(({ chatToken, creator: userId }) => {
        const messages = textMessages(1);
        return { send: { chatToken, userId, at: now, messages }, ids: idsOf(messages) };
      });
      const outcomes: (string | undefined)[] = [];
      const sending = async () => {
        const results = await Promise.all(steps.map(async ({ send }) => store.send(send)));
        outcomes.push(...results.map((result) => result?.outcome));
      };

      expect(await commandsOf(sending)).toEqual(['update', 'find', 'findAndModify']);
      expect(outcomes).toEqual(['stored', 'not ready']);
      const inbox = await store.readInbox({ chatToken: open.chatToken, userId: open.joiner });
      expect(idsOf(inbox!.messages).at(-1)).toBe(steps[0]!.ids[0]);
    });

    it('are two more for the last acknowledgement of a closed chat: it remembers and removes the chat', async () => {
      const { chatToken, creator: userId } = await createDraft();
      await closeNow(chatToken);
      const ids = idsOf((await store.readInbox({ chatToken, userId }))!.messages);

      expect(
        await commandsOf(() => store.acknowledge({ chatToken, userId, at: now, ids })),
      ).toEqual(['findAndModify', 'update', 'delete']);
      expect(await store.find(chatToken)).toBeNull();
    });

    it('are one to find that no draft gives way', async () => {
      const held = draftChat({ created: now - 7_200_000 });
      await store.create(creationOf(held));
      await store.readInbox({ chatToken: held.token, userId: held.creator, at: now });
      const step = { at: now, notSeenSince: now - 3_600_000 };

      expect(await commandsOf(() => store.removeForsakenDraft(step))).toEqual(['aggregate']);
    });

    it('do not grow with the size of a batch of the worker', async () => {
      const chats: Awaited<ReturnType<typeof createReady>>[] = [];
      for (const some of inBatches(Array<typeof createReady>(150).fill(createReady), 10)) {
        chats.push(...(await Promise.all(some.map((create) => create()))));
      }
      const expiries = chats.map(({ chatToken }) => ({
        chatToken,
        closed: now - 1000,
        notices: noticesOf('expired'),
      }));
      const overdue = { createdAfter: 0, createdBefore: now, after: null, limit: 150 };
      const finished = { at: now, createdBefore: 0, closedBefore: now - 1000, limit: 150 };

      expect(await commandsOf(() => store.findOverdue(overdue))).toEqual(['find']);
      expect(await commandsOf(() => store.expire(expiries))).toEqual(['update']);
      expect(await commandsOf(() => store.removeFinished(finished))).toEqual([
        'find',
        'update',
        'delete',
      ]);
    });
  });

  describe('the indexes', () => {
    const hour = 3600;
    const indexesOf = async (of: MongoScratch) =>
      (await of.chats.listIndexes().toArray()) as { name: string; expireAfterSeconds?: number }[];
    const ttl = async (of: MongoScratch): Promise<number | undefined> =>
      (await indexesOf(of)).find(({ name }) => name === 'lifetime')?.expireAfterSeconds;
    const timing = { chatLifetimeMs: 10_000, closedGraceMs: 5000 };

    it('are made as soon as the server is there, with a TTL above lifetime and grace', async () => {
      const names = (await indexesOf(scratch)).map(({ name }) => name);

      expect(names.sort()).toEqual(['_id_', 'finished', 'lifetime', 'newest', 'newest_by_status']);
      expect(await ttl(scratch)).toBe(86_400 + 600 + hour);
      const used = await scratch.db.collection('used_invitations').listIndexes().toArray();
      expect(used).toContainEqual(
        expect.objectContaining({ key: { removed: 1 }, expireAfterSeconds: 86_400 }),
      );
    });

    it('are not waited for', async () => {
      const own = mongoScratch();
      try {
        const chat = draftChat({ created: now });
        expect(await own.open(patient).create(creationOf(chat))).toEqual({ chat, isNew: true });
      } finally {
        await own.dispose();
      }
    });

    it('follow changed settings', async () => {
      const own = mongoScratch();
      try {
        await own.connect(patient);
        await own.connect({ ...patient, timing });
        expect(await ttl(own)).toBe(15 + hour);
      } finally {
        await own.dispose();
      }
    });

    it('may be made by many at once, also with different settings', async () => {
      const own = mongoScratch();
      try {
        const different = (index: number) => (index % 2 === 0 ? { ...patient, timing } : patient);
        await Promise.all(Array.from({ length: 8 }, (_, index) => own.connect(different(index))));
        expect([15 + hour, 87_000 + hour]).toContain(await ttl(own));
      } finally {
        await own.dispose();
      }
    });

    it('take the place of others with their names or keys', async () => {
      const own = mongoScratch();
      try {
        await own.chats.createIndexes([
          { key: { created: 1 }, name: 'by_others' },
          { key: { status: 1 }, name: 'finished' },
        ]);
        await own.connect(patient);
        expect(await ttl(own)).toBe(87_000 + hour);
        expect(await indexesOf(own)).toHaveLength(5);
      } finally {
        await own.dispose();
      }
    });
  });
});
