import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { newToken, userIdOf, type Chat } from '../../src/chat/chat.ts';
import type { ChatStore, Inbox } from '../../src/chat/chat-store.ts';
import { openChatStore } from '../../src/embedded/embedded-chat-store.ts';
import { INBOX_LIMIT, REMEMBERED_IDS, type OutgoingMessage } from '../../src/protocol.ts';
import {
  creationOf,
  draftChat,
  idsOf,
  inBatches,
  newUserId,
  noticesOf,
  textMessages,
} from '../support/chats.ts';
import { eventually } from '../support/eventually.ts';

let dataDir = '';
const opened: ChatStore[] = [];
const file = () => path.join(dataDir, 'sfchat.db');
const open = async (): Promise<ChatStore> => {
  const store = await openChatStore({ dataDir, eraseWithinMs: 20 });
  opened.push(store);
  return store;
};
const close = async (store: ChatStore): Promise<void> => {
  opened.splice(opened.indexOf(store), 1);
  await store.disconnect();
};
const reopen = async (store: ChatStore): Promise<ChatStore> => {
  await close(store);
  return open();
};
/** Does something to the file while no store has it. */
const withFile = (use: (raw: Database.Database) => void): void => {
  const raw = new Database(file());
  use(raw);
  raw.close();
};

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-journal-'));
});
afterEach(async () => {
  for (const store of [...opened]) await close(store);
  rmSync(dataDir, { recursive: true });
});

const now = Date.now();

async function readyChat(store: ChatStore): Promise<Chat & { joiner: string }> {
  const draft = draftChat({ created: now });
  await store.create(creationOf(draft));
  const joiner = newUserId();
  const step = { chatToken: draft.token, userId: joiner, at: now, createdAfter: 0 };
  const chat = await store.join({ ...step, notices: noticesOf('joined') });
  return { ...chat!, joiner };
}

describe('a journal that is opened again', () => {
  it('has the chats, their messages, the ids of repeats and the invitations that were used', async () => {
    const store = await open();
    const chat = await readyChat(store);
    const { token: chatToken, creator, joiner } = chat;
    const draft = draftChat({ created: now + 1, encrypted: true, absenceCloseAfterMs: 60_000 });
    await store.create(creationOf(draft));
    const removed = await readyChat(store);
    await store.remove(removed.token, now);
    const expired = await readyChat(store);
    await store.expire([{ chatToken: expired.token, closed: now, notices: noticesOf('expired') }]);
    const messages = textMessages(REMEMBERED_IDS + 5, 'text "quoted", \\ and 🙂\u0001');
    for (const batch of inBatches(messages, 20)) {
      await store.send({ chatToken, userId: creator, at: now, messages: batch });
      const inbox = await store.readInbox({ chatToken, userId: joiner });
      const ids = idsOf(inbox!.messages).slice(0, 19);
      await store.acknowledge({ chatToken, userId: joiner, at: now, ids });
    }
    await store.noticeIntruder({ chatToken, at: now, notSince: 0, notices: noticesOf('intruder') });
    const before = {
      list: await store.list({ before: null, limit: 10 }),
      counts: await store.countByStatus(),
      inboxes: await Promise.all(
        [creator, joiner].map(async (userId) => store.readInbox({ chatToken, userId })),
      ),
    };

    const again = await reopen(store);

    expect(await again.list({ before: null, limit: 10 })).toEqual(before.list);
    expect(await again.countByStatus()).toEqual(before.counts);
    for (const [index, userId] of [creator, joiner].entries()) {
      const { messages: expected, waiting } = before.inboxes[index]!;
      const inbox = await again.readInbox({ chatToken, userId });
      expect(inbox).toMatchObject({ messages: expected, waiting, seenUntil: null, poll: null });
    }
    expect(await again.wasRemoved(removed.token, now - 1)).toBe(true);
    expect(await again.create(creationOf({ ...draft, token: removed.token }))).toBeNull();
    const page = { createdAfter: 0, createdBefore: now + 10, after: null, limit: 10 };
    expect(idsIn(await again.findOverdue(page))).not.toContain(expired.token);
    const noticed = { chatToken, at: now + 1, notSince: now - 1, notices: noticesOf('intruder') };
    expect(await again.noticeIntruder(noticed)).toBeNull();
    const repeat = messages.slice(-REMEMBERED_IDS);
    for (const batch of inBatches(repeat, 20)) {
      await again.send({ chatToken, userId: creator, at: now, messages: batch });
    }
    const inbox = await again.readInbox({ chatToken, userId: joiner });
    expect(inbox!.messages).toEqual(before.inboxes[1]!.messages);
    await again.send({ chatToken, userId: creator, at: now, messages: messages.slice(0, 1) });
    expect((await again.readInbox({ chatToken, userId: joiner }))!.messages).toHaveLength(
      inbox!.messages.length + 1,
    );
  });

  it('has a message that waits longer than its id is remembered, and its row no longer than either', async () => {
    const store = await open();
    const { token: chatToken, creator, joiner } = await readyChat(store);
    const [waiting] = textMessages(1, 'waits');
    await store.send({ chatToken, userId: creator, at: now, messages: [waiting!] });
    const talk = async () => {
      const { messages } = (await store.readInbox({ chatToken, userId: creator }))!;
      await store.acknowledge({ chatToken, userId: creator, at: now, ids: idsOf(messages) });
    };
    for (const messages of inBatches(textMessages(REMEMBERED_IDS + 3), 20)) {
      await store.send({ chatToken, userId: joiner, at: now, messages });
      await talk();
    }

    const again = await reopen(store);
    const inbox = await again.readInbox({ chatToken, userId: joiner });
    expect(idsOf(inbox!.messages)).toContain(waiting!._id);
    const ids = idsOf(inbox!.messages);
    await again.acknowledge({ chatToken, userId: joiner, at: now, ids });
    await close(again);

    withFile((raw) => {
      const rows = raw.prepare('SELECT count(*) AS count, count(msg) AS texts FROM messages').get();
      expect(rows).toMatchObject({ count: REMEMBERED_IDS, texts: 0 });
    });
  });

  it('leaves no text in its log soon after it was acknowledged, though nothing else is erased', async () => {
    const store = await open();
    const { token: chatToken, creator, joiner } = await readyChat(store);
    const acknowledge = async () => {
      const { messages } = (await store.readInbox({ chatToken, userId: joiner }))!;
      await store.acknowledge({ chatToken, userId: joiner, at: now, ids: idsOf(messages) });
    };
    const log = () => readFileSync(`${file()}-wal`, 'latin1');
    await acknowledge();
    await eventually(() => log() === '', 'the log is empty');
    const messages = textMessages(1, 'a secret');
    await store.send({ chatToken, userId: creator, at: now, messages });
    expect(log()).toContain('a secret');

    await acknowledge();

    await eventually(() => !log().includes('a secret'), 'the log is empty');
  });

  it('has rows of nothing that is gone', async () => {
    const store = await open();
    const { token: chatToken, creator } = await readyChat(store);
    await store.send({ chatToken, userId: creator, at: now, messages: textMessages(3) });
    await store.remove(chatToken, now);
    await store.forgetInvitations(now);
    await close(store);

    withFile((raw) => {
      for (const table of ['chats', 'messages', 'invitations']) {
        const rows = raw.prepare(`SELECT count(*) AS count FROM ${table}`).get();
        expect({ table, rows }).toMatchObject({ rows: { count: 0 } });
      }
    });
  });

  it('gives the disk back what it needs no more', async () => {
    const store = await open();
    const chats = await Promise.all(Array.from({ length: 40 }, () => readyChat(store)));
    for (const { token: chatToken, creator } of chats) {
      const large = textMessages(INBOX_LIMIT - 20).map((message): OutgoingMessage => ({
        ...message,
        msg: 'x'.repeat(1200),
      }));
      await Promise.all(
        inBatches(large, 20).map(async (messages) =>
          store.send({ chatToken, userId: creator, at: now, messages }),
        ),
      );
    }
    await eventually(() => statSync(file()).size > 4_000_000, 'the file has grown');

    for (const { token } of chats) await store.remove(token, now);

    await eventually(() => statSync(file()).size < 2_000_000, 'the file is small again');
    expect(await store.countByStatus()).toEqual({ draft: 0, ready: 0, closed: 0 });
  });
});

const idsIn = (chats: readonly Chat[]) => chats.map(({ token }) => token);

describe('a data directory', () => {
  it('belongs to one server at a time, whatever an earlier version left in it', async () => {
    writeFileSync(path.join(dataDir, 'server.lock'), 'garbage');
    mkdirSync(path.join(dataDir, 'operators.sock'));
    const first = await open();

    await expect(open()).rejects.toThrow('another server uses it');

    await expect((await reopen(first)).ping()).resolves.toBeUndefined();
  });

  it.each([
    [
      'no database',
      () => Buffer.from('not a database at all, but long enough to look at'.repeat(99)),
    ],
    [
      'damaged',
      () => {
        const bytes = readFileSync(file());
        bytes.fill(0xa5, 4096, 4 * 4096);
        return bytes;
      },
    ],
  ])('whose file is %s is refused, with what to do', async (_what, damage) => {
    const store = await open();
    await readyChat(store);
    await close(store);
    writeFileSync(file(), damage());

    await expect(open()).rejects.toThrow(/sfchat\.db is damaged .* move it .* away/);
  });

  it('whose file is of a later version is left alone', async () => {
    withFile((raw) => {
      raw.pragma('user_version = 1000');
    });

    await expect(open()).rejects.toThrow(/newer version/);
  });
});

/** The tables of versions 1 and 3 of the file as they were written then; 3 is that of SFChat 0.11. */
const FIRST_VERSION = `
  CREATE TABLE chats (token TEXT PRIMARY KEY, status TEXT NOT NULL, encrypted INTEGER NOT NULL,
    created INTEGER NOT NULL, closed INTEGER, creator TEXT NOT NULL, joiner TEXT,
    expired INTEGER NOT NULL DEFAULT 0, intruder_noticed INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE messages (position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL,
    addressee TEXT NOT NULL, id TEXT NOT NULL, msg TEXT NOT NULL, system INTEGER NOT NULL,
    event TEXT) STRICT;
  CREATE TABLE sent (position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL,
    sender TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (chat, sender, id)) STRICT;
  PRAGMA user_version = 1;
`;

const THIRD_VERSION = `
  CREATE TABLE chats (
    token TEXT PRIMARY KEY, status TEXT NOT NULL, encrypted INTEGER NOT NULL,
    absence_close_after INTEGER NOT NULL, created INTEGER NOT NULL, closed INTEGER,
    creator TEXT NOT NULL, joiner TEXT, expired INTEGER NOT NULL DEFAULT 0,
    intruder_noticed INTEGER) STRICT, WITHOUT ROWID;
  CREATE INDEX chats_by_age ON chats (expired, created);
  CREATE INDEX chats_by_creation ON chats (created, token);
  CREATE INDEX chats_by_status ON chats (status, closed);
  CREATE TABLE messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, addressee TEXT NOT NULL,
    id TEXT NOT NULL, msg TEXT NOT NULL, system INTEGER NOT NULL, event TEXT,
    accepted INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX messages_by_inbox ON messages (chat, addressee, position);
  CREATE TABLE sent (
    position INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, sender TEXT NOT NULL,
    id TEXT NOT NULL, UNIQUE (chat, sender, id)) STRICT;
  CREATE INDEX sent_by_chat ON sent (chat, position);
  CREATE TABLE used_invitations (hash TEXT PRIMARY KEY, removed INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE INDEX used_invitations_by_age ON used_invitations (removed);
  PRAGMA user_version = 3;
`;

const FOURTH_VERSION = `
  CREATE TABLE chats (number INTEGER PRIMARY KEY, token TEXT NOT NULL, status TEXT NOT NULL,
    encrypted INTEGER NOT NULL, absence_close_after INTEGER NOT NULL, created INTEGER NOT NULL,
    closed INTEGER, creator TEXT NOT NULL, joiner TEXT, expired INTEGER NOT NULL,
    intruder_noticed INTEGER) STRICT;
  CREATE TABLE messages (place INTEGER PRIMARY KEY, chat INTEGER NOT NULL, addressee TEXT NOT NULL,
    id TEXT NOT NULL, msg TEXT NOT NULL, system INTEGER NOT NULL, event TEXT,
    accepted INTEGER NOT NULL) STRICT;
  CREATE TABLE sent (place INTEGER PRIMARY KEY, chat INTEGER NOT NULL, sender TEXT NOT NULL,
    id TEXT NOT NULL) STRICT;
  CREATE TABLE invitations (number INTEGER PRIMARY KEY, hash TEXT NOT NULL,
    removed INTEGER NOT NULL) STRICT;
  PRAGMA user_version = 4;
`;

describe('a file of an earlier version', () => {
  const [chatToken, creator, joiner, message] = [newToken(), newToken(), newToken(), newToken()];
  const [me, talker] = [userIdOf(creator), userIdOf(joiner)];

  it('of the first goes on with its chats, and keeps no user token', async () => {
    withFile((raw) => {
      raw.exec(`${FIRST_VERSION}
        INSERT INTO chats (token, status, encrypted, created, creator, joiner)
          VALUES ('${chatToken}', 'ready', 0, 1000, '${creator}', '${joiner}');
        INSERT INTO messages (chat, addressee, id, msg, system)
          VALUES ('${chatToken}', '${creator}', '${message}', 'Hi', 0);
        INSERT INTO sent (chat, sender, id) VALUES ('${chatToken}', '${joiner}', '${message}');`);
    });

    const store = await open();
    const inbox = await store.readInbox({ chatToken, userId: me });
    const repeat = { _id: message, msg: 'Hi' };
    await store.send({ chatToken, userId: talker, at: 2000, messages: [repeat] });
    const after = await store.readInbox({ chatToken, userId: me });
    await close(store);

    expect(inbox).toMatchObject({
      chat: { token: chatToken, creator: me, joiner: talker, absenceCloseAfterMs: 360_000 },
      messages: [{ _id: message, msg: 'Hi', system: false, accepted: 1000 }],
    });
    expect(after?.messages).toEqual(inbox?.messages);
    const bytes = readFileSync(file(), 'latin1');
    expect(bytes).not.toContain(creator);
    expect(bytes).not.toContain(joiner);
  });

  it('of the fourth goes on with its messages, and knows a repeat of any of them', async () => {
    const delivered = newToken();
    withFile((raw) => {
      raw.exec(`${FOURTH_VERSION}
        INSERT INTO chats VALUES
          (5, '${chatToken}', 'ready', 0, 360000, 1000, NULL, '${me}', '${talker}', 0, NULL);
        INSERT INTO messages VALUES
          (1, 5, 'creator', '${newToken()}', 'welcome', 1, NULL, 1000),
          (4, 5, 'creator', '${message}', 'Hi', 0, NULL, 1700),
          (6, 5, 'joiner', '${message}', 'Hello', 0, NULL, 1800);
        INSERT INTO sent VALUES
          (3, 5, 'creator', '${delivered}'), (5, 5, 'joiner', '${message}'), (7, 5, 'creator', '${message}');`);
    });

    const store = await reopen(await open());
    const inboxes = () =>
      [me, talker].map((userId) => store.readInbox({ chatToken, userId }) as Inbox);
    const before = inboxes().map(({ messages }) => messages.map(({ msg }) => msg));
    for (const [userId, _id] of [
      [me, delivered],
      [me, message],
      [talker, message],
    ] as const) {
      await store.send({ chatToken, userId, at: 2000, messages: [{ _id, msg: 'again' }] });
    }

    expect(before).toEqual([['welcome', 'Hi'], ['Hello']]);
    expect(inboxes().map(({ messages }) => messages.map(({ msg }) => msg))).toEqual(before);
    await store.send({
      chatToken,
      userId: talker,
      at: 2000,
      messages: [{ _id: delivered, msg: 'new' }],
    });
    expect(inboxes()[0]!.messages).toHaveLength(3);
    await store.acknowledge({ chatToken, userId: me, at: 2100, ids: [message] });
    await store.remove(chatToken, 2200);
    await close(store);
    withFile((raw) => {
      expect(raw.prepare('SELECT count(*) AS count FROM messages').get()).toMatchObject({
        count: 0,
      });
    });
  });

  it('of SFChat 0.11 goes on with everything, and shrinks from now on', async () => {
    const [draft, lost] = [newToken(), newToken()];
    withFile((raw) => {
      raw.exec(`${THIRD_VERSION}
        INSERT INTO chats VALUES
          ('${draft}', 'draft', 1, 60000, 1000, NULL, '${talker}', NULL, 0, NULL),
          ('${chatToken}', 'closed', 0, 360000, 900, 2000, '${me}', '${talker}', 1, 1500);
        INSERT INTO messages (position, chat, addressee, id, msg, system, event, accepted) VALUES
          (7, '${chatToken}', '${me}', '${message}', 'Hi', 0, NULL, 1700),
          (8, '${chatToken}', '${talker}', '${lost}', 'over', 1, 'expired', 1800),
          (9, '${lost}', '${talker}', '${lost}', 'of no chat', 0, NULL, 1800);
        INSERT INTO sent VALUES (3, '${chatToken}', '${talker}', '${message}');
        INSERT INTO used_invitations VALUES ('${userIdOf(lost)}', ${now});`);
    });

    const store = await reopen(await open());

    expect(await store.list({ before: null, limit: 9 })).toMatchObject([
      { token: draft, status: 'draft', encrypted: true, absenceCloseAfterMs: 60_000, joiner: null },
      { token: chatToken, status: 'closed', closed: 2000, creator: me, joiner: talker },
    ]);
    expect((await store.readInbox({ chatToken, userId: me }))!.messages).toEqual([
      { _id: message, msg: 'Hi', system: false, accepted: 1700 },
    ]);
    expect((await store.readInbox({ chatToken, userId: talker }))!.messages).toEqual([
      { _id: lost, msg: 'over', system: true, event: 'expired', accepted: 1800 },
    ]);
    expect(await store.wasRemoved(lost, 0)).toBe(true);
    const page = { createdAfter: 0, createdBefore: now, after: null, limit: 9 };
    expect(idsIn(await store.findOverdue(page))).toEqual([draft]);
    await close(store);
    withFile((raw) => {
      expect(raw.pragma('auto_vacuum')).toMatchObject([{ auto_vacuum: 2 }]);
    });
  });
});
