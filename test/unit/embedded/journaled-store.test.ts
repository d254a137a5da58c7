import type { Chat } from '../../../src/chat/chat.ts';
import { StorageUnavailable } from '../../../src/chat/failures.ts';
import { EmbeddedChatStore } from '../../../src/embedded/embedded-chat-store.ts';
import { Journal } from '../../../src/embedded/journal/journal.ts';
import type { Batch, MessageRow } from '../../../src/embedded/journal/messages.ts';
import { Shelf } from '../../../src/embedded/memory/shelf.ts';
import type { OutgoingMessage } from '../../../src/protocol.ts';
import { creationOf, draftChat, newUserId, noticesOf, textMessages } from '../../support/chats.ts';

/** A disk that writes when the test says so. */
function useDisk() {
  const batches: Batch[] = [];
  const problems: (string | null)[] = [];
  let journal: Journal;
  let store: EmbeddedChatStore;
  beforeEach(() => {
    jest.useFakeTimers();
    batches.length = 0;
    problems.length = 0;
    const thread = {
      commit: (batch: Batch) => batches.push(batch),
      close: () => Promise.resolve(),
    };
    journal = new Journal(thread, (problem) => problems.push(problem?.message ?? null));
    journal.hear({ ready: { hasRoom: true } });
    store = new EmbeddedChatStore(new Shelf(journal.changes), journal, 1_000_000);
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  /** Lets everything begin that waits for its turn. */
  const turn = () => jest.advanceTimersByTimeAsync(1000);
  const write = async (hasRoom = true) => {
    await turn();
    journal.hear({ committed: { hasRoom } });
  };
  const fail = async () => {
    await turn();
    journal.hear({ failed: { code: 'SQLITE_IOERR', message: 'disk I/O error' } });
  };
  return { batches, problems, store: () => store, journal: () => journal, turn, write, fail };
}

type Disk = ReturnType<typeof useDisk>;

const now = Date.now();

/** Whether it is answered yet. */
function watch<Result>(step: Promise<Result>) {
  const watched = { answered: false, step };
  step.then(
    () => (watched.answered = true),
    () => (watched.answered = true),
  );
  return watched;
}

async function readyChat(disk: Disk): Promise<Chat & { joiner: string }> {
  const draft = draftChat({ created: now });
  const joiner = newUserId();
  const creating = disk.store().create(creationOf(draft));
  const joining = disk.store().join({
    chatToken: draft.token,
    userId: joiner,
    at: now,
    createdAfter: 0,
    notices: noticesOf('joined'),
  });
  await disk.write();
  await Promise.all([creating, joining]);
  return { ...draft, joiner };
}

const rowsOf = (batch: Batch | undefined, table: keyof Batch['put']) =>
  JSON.parse(batch?.put[table] ?? '[]') as unknown[];

describe('a store with a journal', () => {
  const disk = useDisk();
  const sendTo = async (
    { token, creator }: Chat,
    messages: OutgoingMessage[],
    onSeen?: () => void,
  ) =>
    disk.store().send({
      chatToken: token,
      userId: creator,
      at: now,
      messages,
      ...(onSeen !== undefined && { onSeen }),
    });
  const inboxOf = (chat: Chat & { joiner: string }) =>
    disk.store().readInbox({ chatToken: chat.token, userId: chat.joiner })!.messages;
  const acknowledge = async (chat: Chat & { joiner: string }) => {
    const ids = inboxOf(chat).map(({ _id }) => _id);
    return disk.store().acknowledge({ chatToken: chat.token, userId: chat.joiner, at: now, ids });
  };

  it('shows a message at once and answers its sender when it is written', async () => {
    const chat = await readyChat(disk);
    const messages = textMessages(1);
    const onSeen = jest.fn();

    const sending = watch(sendTo(chat, messages, onSeen));

    expect(onSeen).toHaveBeenCalledTimes(1);
    expect(inboxOf(chat).slice(1)).toMatchObject(messages);
    await disk.turn();
    expect(sending.answered).toBe(false);
    await disk.write();
    expect(await sending.step).toMatchObject({ outcome: 'stored' });
  });

  it('answers the repeat of a step no sooner than the step', async () => {
    const chat = await readyChat(disk);
    const messages = textMessages(1);
    const steps = [sendTo(chat, messages), sendTo(chat, messages), disk.store().find(chat.token)];
    const watched = steps.map((step) => watch<unknown>(step));

    await disk.turn();
    const inBetween = watch(sendTo(chat, messages));
    await disk.turn();
    expect([...watched, inBetween].some(({ answered }) => answered)).toBe(false);

    await disk.write();
    await Promise.all([...steps, inBetween.step]);
    expect(await sendTo(chat, messages)).toMatchObject({ outcome: 'stored' });
  });

  it('writes in one batch what came while the disk was busy', async () => {
    const chat = await readyChat(disk);
    disk.batches.length = 0;
    const first = sendTo(chat, textMessages(1));
    await disk.turn();
    const others = [1, 2, 3].map((count) => sendTo(chat, textMessages(count)));
    await disk.turn();
    expect(disk.batches).toHaveLength(1);

    await disk.write();
    await disk.write();

    await Promise.all([first, ...others]);
    expect(disk.batches.map((batch) => rowsOf(batch, 'messages').length)).toEqual([1, 6]);
  });

  it('writes in one batch what comes turn after turn, for a few milliseconds at the most', async () => {
    const chat = await readyChat(disk);
    disk.batches.length = 0;

    const first = sendTo(chat, textMessages(1));
    // A turn of this clock takes a millisecond.
    const others = Array.from({ length: 20 }, () => {
      const sending = sendTo(chat, textMessages(1));
      jest.advanceTimersToNextTimer();
      return sending;
    });

    expect(disk.batches.map((batch) => rowsOf(batch, 'messages').length)).toEqual([8]);
    await disk.write();
    await disk.write();
    await Promise.all([first, ...others]);
    expect(disk.batches.map((batch) => rowsOf(batch, 'messages').length)).toEqual([8, 13]);
  });

  it('never writes the text of a message that was acknowledged before', async () => {
    const chat = await readyChat(disk);
    const emptying = acknowledge(chat);
    await disk.write();
    await emptying;
    disk.batches.length = 0;

    const steps = [sendTo(chat, textMessages(3)), acknowledge(chat)];
    await disk.write();

    await Promise.all<unknown>(steps);
    expect(disk.batches).toHaveLength(1);
    expect(disk.batches[0]!.remove.messages).toBeUndefined();
    expect(disk.batches[0]!.erase).toBeUndefined();
    const texts = (rowsOf(disk.batches[0], 'messages') as MessageRow[]).map(([, , , , msg]) => msg);
    expect(texts).toEqual([null, null, null]);
  });

  it('reads while nothing can be written, refuses what is new, and heals by itself', async () => {
    const chat = await readyChat(disk);
    const unknown = sendTo(chat, textMessages(1)).catch((error: unknown) => error);
    await disk.fail();
    expect(await unknown).toBeInstanceOf(StorageUnavailable);

    expect(inboxOf(chat)).toHaveLength(2);
    await expect(disk.store().ping()).rejects.toBeInstanceOf(StorageUnavailable);
    await expect(sendTo(chat, textMessages(1))).rejects.toBeInstanceOf(StorageUnavailable);
    expect(inboxOf(chat)).toHaveLength(2);

    const acknowledging = acknowledge(chat);
    await disk.write();
    expect(await acknowledging).toMatchObject({ token: chat.token });
    await expect(disk.store().ping()).resolves.toBeUndefined();
    const healed = sendTo(chat, textMessages(1));
    await disk.write();
    expect(await healed).toMatchObject({ outcome: 'stored' });
  });

  it('takes on a full disk only what frees room, and everything when there is some', async () => {
    const [chat, other] = [await readyChat(disk), await readyChat(disk)];
    const draft = draftChat({ created: now });
    const creating = disk.store().create(creationOf(draft));
    await disk.write(false);
    await creating;

    const { token } = draft;
    const join = { chatToken: token, userId: newUserId(), at: now, createdAfter: 0 };
    for (const refused of [
      sendTo(chat, textMessages(1)),
      disk.store().create(creationOf(draftChat({ created: now }))),
      disk.store().join({ ...join, notices: noticesOf('joined') }),
    ]) {
      await expect(refused).rejects.toBeInstanceOf(StorageUnavailable);
    }
    expect(await disk.store().countByStatus()).toEqual({ draft: 1, ready: 2, closed: 0 });

    const notices = noticesOf('closed');
    const freeing = Promise.all<unknown>([
      acknowledge(chat),
      disk.store().close({ chatToken: chat.token, at: now, notices }),
      disk.store().expire([{ chatToken: other.token, closed: now, notices }]),
      disk.store().remove(token, now),
    ]);
    await disk.write(false);
    await disk.write(false);
    await freeing;
    expect(await disk.store().countByStatus()).toEqual({ draft: 0, ready: 0, closed: 2 });

    disk.journal().hear({ room: true });
    const created = disk.store().create(creationOf(draftChat({ created: now })));
    await disk.write();
    expect(await created).toMatchObject({ isNew: true });
  });

  it('refuses messages that would fill the memory', async () => {
    const chat = await readyChat(disk);
    const large = (): OutgoingMessage[] => [{ ...textMessages(1)[0]!, msg: 'x'.repeat(600_000) }];
    const sending = [sendTo(chat, large()), sendTo(chat, large())];
    await disk.write();
    await Promise.all(sending);

    await expect(sendTo(chat, large())).rejects.toBeInstanceOf(StorageUnavailable);

    const acknowledging = acknowledge(chat);
    await disk.write();
    await acknowledging;
    const again = sendTo(chat, large());
    await disk.write();
    expect(await again).toMatchObject({ outcome: 'stored' });
  });
});

describe('what is said of the disk', () => {
  const disk = useDisk();
  const change = () =>
    void disk
      .store()
      .create(creationOf(draftChat({ created: now })))
      .catch(() => undefined);

  it('is nothing while it works', async () => {
    change();
    await disk.write();

    expect(disk.problems).toEqual([]);
  });

  it('is once that it fails, however often it is tried again, and once that it is back', async () => {
    change();
    await disk.fail();
    await disk.fail();
    await disk.fail();
    await disk.write();

    expect(disk.problems).toEqual(['SQLITE_IOERR: disk I/O error', null]);
  });

  it('is once that it is full, and once that there is room', () => {
    disk.journal().hear({ room: false });
    disk.journal().hear({ room: false });
    disk.journal().hear({ room: true });

    expect(disk.problems).toEqual(['the disk is full', null]);
  });

  it('is that it is full when a server starts like that', () => {
    const problems: (string | undefined)[] = [];
    const thread = { commit: () => undefined, close: () => Promise.resolve() };
    new Journal(thread, (problem) => problems.push(problem?.message)).hear({
      ready: { hasRoom: false },
    });

    expect(problems).toEqual(['the disk is full']);
  });
});
