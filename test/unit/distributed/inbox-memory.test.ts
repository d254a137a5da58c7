import { newToken } from '../../../src/chat/chat.ts';
import type { ChatStore, Inbox } from '../../../src/chat/chat-store.ts';
import {
  withInboxMemory,
  type Hearing,
  type KeptInbox,
} from '../../../src/distributed/inbox-memory.ts';
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
    stored = {
      chat,
      messages: [],
      waiting: 0,
      poll: newToken(),
      seenUntil: null,
      talkerSeenUntil: null,
    };
    const readInbox = () => {
      reads += 1;
      return Promise.resolve(stored);
    };
    store = withInboxMemory({ readInbox } as unknown as ChatStore, hearing, clock);
  });

  const readTwice = async (between: () => void = () => undefined) => {
    await store.readInbox(caller);
    between();
    await store.readInbox(caller);
    return reads;
  };

  it('is not read again while nothing is heard', async () => {
    expect(await readTwice()).toBe(1);
    expect(await store.readInbox(caller)).toBe(stored);
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
