import { newToken, type Chat } from '../../../src/chat/chat.ts';
import type { ChatStore, Inbox } from '../../../src/chat/chat-store.ts';
import { withInboxMemory, type KeptInbox } from '../../../src/distributed/inbox-memory.ts';
import type { Hearing } from '../../../src/distributed/redis/hearing.ts';
import { draftChat } from '../../support/chats.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('an inbox in memory', () => {
  const userId = newToken();
  const chat = draftChat({});
  const caller = { chatToken: chat.token, userId };
  const message = { _id: newToken(), msg: 'Hi', system: false, accepted: 1 };
  let clock: ManualClock;
  let mark: number | null;
  let kept: KeptInbox | undefined;
  let stored: Inbox;
  let acknowledged: Chat | null;
  let store: ChatStore;
  let reads: number;

  /** What a bus knows: everything kept is gone as soon as something is heard. */
  const hearing: Hearing<KeptInbox> = {
    mark: () => mark,
    keep: (_userId, since, value) => {
      if (since !== null && since === mark) kept = value;
    },
    kept: () => (mark === null ? undefined : kept),
  };
  const hear = (): void => {
    mark = (mark ?? 0) + 1;
    kept = undefined;
  };

  beforeEach(() => {
    clock = new ManualClock();
    [mark, kept, reads] = [1, undefined, 0];
    acknowledged = chat;
    stored = {
      chat,
      messages: [],
      waiting: 0,
      poll: newToken(),
      pollBegan: clock.now(),
      seenUntil: null,
      talkerSeenUntil: null,
    };
    const readInbox = () => {
      reads += 1;
      return Promise.resolve(stored);
    };
    const acknowledge = () => Promise.resolve(acknowledged);
    store = withInboxMemory({ readInbox, acknowledge } as unknown as ChatStore, hearing, clock);
  });

  const acknowledge = async (...messages: readonly { readonly _id: string }[]) =>
    store.acknowledge({ ...caller, at: clock.now(), ids: messages.map(({ _id }) => _id) });

  const readTwice = async (between: () => void = () => undefined) => {
    await store.readInbox(caller);
    between();
    await store.readInbox(caller);
    return reads;
  };

  it('is not read again while nothing is heard', async () => {
    expect(await readTwice()).toBe(1);
    expect(await store.readInbox(caller)).toEqual({ ...stored, isRemembered: true });
  });

  it('is read again as soon as anything is heard', async () => {
    expect(await readTwice(hear)).toBe(2);
  });

  it('is not kept when something is heard while it is read', async () => {
    const reading = store.readInbox(caller);
    hear();
    await reading;

    await store.readInbox(caller);

    expect(reads).toBe(2);
  });

  it('is not kept while wake-ups do not travel', async () => {
    mark = null;

    expect(await readTwice()).toBe(2);
  });

  it('is not kept when there is something in it', async () => {
    stored = { ...stored, messages: [message] };

    expect(await readTwice()).toBe(2);
  });

  it('is not read again when its owner has acknowledged all that was in it', async () => {
    const other = { ...message, _id: newToken() };
    stored = { ...stored, messages: [message, other] };
    await store.readInbox(caller);
    await acknowledge(message);
    await acknowledge(other);

    expect(await store.readInbox(caller)).toEqual({ ...stored, messages: [], isRemembered: true });
    expect(reads).toBe(1);
  });

  it.each<[string, () => Promise<unknown> | undefined]>([
    ['nothing', () => undefined],
    ['something else', () => acknowledge({ _id: newToken() })],
    [
      'it in vain',
      () => {
        acknowledged = null;
        return acknowledge(message);
      },
    ],
    [
      'it, and something is heard',
      () => {
        hear();
        return acknowledge(message);
      },
    ],
    [
      'it, and something is heard then',
      async () => {
        await acknowledge(message);
        hear();
      },
    ],
  ])('is read again when its owner has acknowledged %s', async (_name, between) => {
    stored = { ...stored, messages: [message] };
    await store.readInbox(caller);
    await between();

    expect((await store.readInbox(caller))?.messages).toEqual([message]);
  });

  it('keeps no text', async () => {
    stored = { ...stored, messages: [message] };
    await store.readInbox(caller);

    expect(JSON.stringify(kept)).not.toContain(message.msg);
  });

  it('is read again when that is asked for', async () => {
    await store.readInbox(caller);
    await store.readInbox({ ...caller, afresh: true });

    expect(reads).toBe(2);
  });

  it('is read again for a sign of life, which is written', async () => {
    await store.readInbox(caller);
    await store.readInbox({ ...caller, at: clock.now() });

    expect(reads).toBe(2);
  });

  it('is read again after half a minute, should a wake-up have been lost', async () => {
    await store.readInbox(caller);
    await clock.advance(29_999);
    await store.readInbox(caller);
    expect(reads).toBe(1);

    await clock.advance(1);
    await store.readInbox(caller);

    expect(reads).toBe(2);
  });

  it('is read again when the talker may have been held on since', async () => {
    stored = { ...stored, talkerSeenUntil: clock.now() + 5000 };
    await store.readInbox(caller);
    await clock.advance(5999);
    await store.readInbox(caller);
    expect(reads).toBe(1);

    await clock.advance(1);
    expect(await readTwice()).toBe(2);
  });
});
