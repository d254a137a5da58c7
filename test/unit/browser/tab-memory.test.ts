import {
  createConversation,
  type Conversation,
  type NewLine,
} from '../../../src/browser/session/conversation.ts';
import { openTabOutbox } from '../../../src/browser/session/outbox.ts';
import {
  clearSession,
  loadSession,
  saveStatus,
  startSession,
  type Session,
} from '../../../src/browser/session/session.ts';
import {
  createEndableStorage,
  createTabStorage,
  type TabStorage,
} from '../../../src/browser/session/tab-storage.ts';
import { memoryStore, settle } from './support.ts';

const session: Session = {
  chatToken: 'c'.repeat(24),
  userToken: 'a'.repeat(24),
  role: 'creator',
  status: 'draft',
  encrypted: false,
  created: '2026-01-01T00:00:00.000Z',
  expires: '2026-01-02T00:00:00.000Z',
  endsAt: 1_767_312_000_000,
};
const message = (id: string, text = id, system = false): NewLine => ({
  id,
  author: system ? 'system' : 'talker',
  text,
});

async function sayIn(storage: TabStorage, text: string): Promise<void> {
  const conversation = createConversation(storage, Date.now);
  conversation.addOwn('id', text);
  await conversation.written();
}

describe('the session', () => {
  test('is there again after a reload, with what became of it', () => {
    const store = memoryStore();
    const storage = createTabStorage(() => store);
    expect(startSession(storage, session)).toBe(true);
    saveStatus(storage, session, 'ready');
    expect(loadSession(createTabStorage(() => store))).toEqual({ ...session, status: 'ready' });
  });

  test('leaves nothing behind when it ends: no token, no text, nothing unsent', async () => {
    const store = memoryStore();
    const storage = createTabStorage(() => store);
    startSession(storage, session);
    await sayIn(storage, 'text');
    openTabOutbox(storage).add({ _id: 'id', msg: 'text' });
    expect(store.keys()).toHaveLength(3);
    clearSession(storage);
    expect(store.keys()).toEqual([]);
  });

  test('leaves nothing behind either of what is still under way when it ends', () => {
    const store = memoryStore();
    const storage = createEndableStorage(createTabStorage(() => store));
    const outbox = openTabOutbox(storage);
    startSession(storage, session);
    outbox.add({ _id: 'id', msg: 'text' });
    clearSession(storage);
    storage.end();
    outbox.remove(['id']);
    expect(store.keys()).toEqual([]);
  });

  test('takes nothing over from the chat before it', async () => {
    const store = memoryStore();
    const tab = createTabStorage(() => store);
    startSession(tab, session);
    await sayIn(tab, 'text of the old chat');
    startSession(tab, { ...session, chatToken: 'd'.repeat(24) });
    expect(createConversation(tab, Date.now).entries()).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '{"chatToken":"x"}', '{"chatToken":1,"userToken":2}'])(
    'is none when what the tab remembers makes no sense: %s',
    (stored) => {
      const store = memoryStore();
      store.setItem('sfchat.session', stored);
      expect(loadSession(createTabStorage(() => store))).toBeUndefined();
    },
  );
});

describe('a storage that the browser refuses', () => {
  const refusing = (): never => {
    throw new Error('SecurityError');
  };

  test('is replaced by memory', () => {
    const storage = createTabStorage(refusing);
    expect(startSession(storage, session)).toBe(false);
    expect(loadSession(storage)).toEqual(session);
    clearSession(storage);
    expect(loadSession(storage)).toBeUndefined();
  });

  test('is replaced by memory from the moment on at which it is full', async () => {
    const store = memoryStore();
    const storage = createTabStorage(() => store);
    const conversation = createConversation(storage, () => 7);
    conversation.addOwn('1', 'kept');
    await conversation.written();
    store.full = true;
    conversation.addOwn('2', 'in memory');
    await conversation.written();
    expect(createConversation(storage, () => 7).entries()).toHaveLength(2);
    store.full = false;
    conversation.addOwn('3', 'kept again');
    await conversation.written();
    expect(
      createConversation(
        createTabStorage(() => store),
        () => 7,
      ).entries(),
    ).toHaveLength(3);
  });
});

describe('the conversation', () => {
  test('shows each message once, however often it comes', () => {
    const conversation = createConversation(createTabStorage(memoryStore), () => 7);
    expect(conversation.addIncoming([message('a'), message('b')])).toHaveLength(2);
    expect(conversation.addIncoming([message('b'), message('c'), message('c')])).toMatchObject([
      { id: 'c' },
    ]);
    expect(conversation.entries().map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('shows each message once also across a reload', async () => {
    const store = memoryStore();
    const conversation = createConversation(
      createTabStorage(() => store),
      () => 7,
    );
    conversation.addIncoming([message('a')]);
    await conversation.written();
    const reloaded = createConversation(
      createTabStorage(() => store),
      () => 8,
    );
    expect(reloaded.addIncoming([message('a')])).toEqual([]);
    expect(reloaded.entries()).toEqual([{ id: 'a', author: 'talker', text: 'a', at: 7 }]);
  });

  test('is saved before it is acknowledged, once for all that comes in one go', () => {
    const store = memoryStore();
    const setItem = jest.spyOn(store, 'setItem');
    const conversation = createConversation(
      createTabStorage(() => store),
      () => 7,
    );
    for (const id of ['a', 'b', 'c']) conversation.addIncoming([message(id)]);
    void conversation.written();
    expect(setItem).toHaveBeenCalledTimes(1);
    expect(store.getItem('sfchat.history')).toContain('"a"');
  });

  describe('of many lines', () => {
    const talk = async (store: ReturnType<typeof memoryStore>): Promise<Conversation> => {
      const conversation = createConversation(
        createTabStorage(() => store),
        () => 7,
      );
      for (let index = 0; index < 150; index += 1) conversation.addOwn(`own-${index}`, 'text');
      await conversation.written();
      return conversation;
    };
    const idsIn = (store: ReturnType<typeof memoryStore>): string[] =>
      createConversation(
        createTabStorage(() => store),
        () => 7,
      )
        .entries()
        .map(({ id }) => id);

    test('writes no more for the next one, or for one that changes, than a small part of it', async () => {
      const store = memoryStore();
      const conversation = await talk(store);
      const setItem = jest.spyOn(store, 'setItem');
      conversation.addIncoming([message('next')]);
      conversation.setStage('own-3', 'delivered');
      await conversation.written();
      const written = setItem.mock.calls.map(([, value]) => value).join('');
      expect(written).toContain('next');
      expect(written).toContain('delivered');
      expect(written.match(/"id"/g)!.length).toBeLessThan(75);
      const reloaded = createConversation(
        createTabStorage(() => store),
        () => 7,
      );
      expect(reloaded.entries()).toEqual(conversation.entries());
    });

    test('goes on with one that was kept as a whole', async () => {
      const store = memoryStore();
      const before = await talk(store);
      const whole = before.toText();
      for (const key of store.keys()) store.removeItem(key);
      store.setItem('sfchat.history', whole);
      const conversation = createConversation(
        createTabStorage(() => store),
        () => 7,
      );
      conversation.addOwn('next', 'text');
      conversation.setStage('own-3', 'delivered');
      await conversation.written();
      expect(idsIn(store)).toEqual(conversation.entries().map(({ id }) => id));
      expect(store.getItem('sfchat.history')).toContain('delivered');
    });

    test('is what another tab knows, and no more, once that is taken over', async () => {
      const store = memoryStore();
      const conversation = await talk(store);
      conversation.merge(JSON.stringify([{ id: 'theirs', author: 'talker', text: 'x', at: 3 }]));
      await conversation.written();
      expect(idsIn(store)).toEqual([
        'theirs',
        ...Array.from({ length: 150 }, (_, n) => `own-${n}`),
      ]);
    });

    test('loses only what a full storage refused, and leaves none of the rest behind', async () => {
      const store = memoryStore();
      const storage = createTabStorage(() => store);
      startSession(storage, session);
      const conversation = createConversation(storage, () => 7);
      for (let index = 0; index < 150; index += 1) {
        store.full = index >= 64 && index < 96;
        conversation.addOwn(`own-${index}`, 'text');
        await conversation.written();
      }
      const ids = idsIn(store);
      expect(ids).toContain('own-63');
      expect(ids).toContain('own-149');
      clearSession(createTabStorage(() => store));
      expect(store.keys()).toEqual([]);
    });
  });

  test('is saved by itself when nobody waits for that', async () => {
    const store = memoryStore();
    createConversation(
      createTabStorage(() => store),
      () => 7,
    ).addIncoming([message('a')]);
    await settle();
    expect(store.getItem('sfchat.history')).toContain('"a"');
  });

  test('shows a message of the talker whose id is one of our own', async () => {
    const store = memoryStore();
    const conversation = createConversation(
      createTabStorage(() => store),
      () => 7,
    );
    conversation.addOwn('same', 'mine');
    await conversation.written();
    const reloaded = createConversation(
      createTabStorage(() => store),
      () => 7,
    );
    expect(reloaded.addIncoming([message('same', 'theirs')])).toHaveLength(1);
  });

  test('tells system messages from those of the talker', () => {
    const conversation = createConversation(createTabStorage(memoryStore), () => 7);
    const added = conversation.addIncoming([message('a', 'x', true), message('b', 'x')]);
    expect(added.map(({ author }) => author)).toEqual(['system', 'talker']);
  });

  test('remembers across a reload why a message was refused', async () => {
    const store = memoryStore();
    const conversation = createConversation(
      createTabStorage(() => store),
      () => 7,
    );
    conversation.addOwn('a', 'x');
    conversation.refuse('a', 'too long');
    await conversation.written();
    expect(
      createConversation(
        createTabStorage(() => store),
        () => 7,
      ).entries(),
    ).toMatchObject([{ id: 'a', refused: 'too long' }]);
  });
});

describe('the outbox', () => {
  test('is there again after a reload', () => {
    const store = memoryStore();
    openTabOutbox(createTabStorage(() => store)).add({ _id: 'id-a', msg: 'a' });
    expect(openTabOutbox(createTabStorage(() => store)).pending()).toEqual([
      { _id: 'id-a', msg: 'a' },
    ]);
  });

  test('is empty when what the tab remembers makes no sense', () => {
    const store = memoryStore();
    store.setItem('sfchat.outbox', '[{"_id":1},7,null');
    expect(openTabOutbox(createTabStorage(() => store)).pending()).toEqual([]);
    store.setItem('sfchat.outbox', '[{"_id":1},7,null]');
    expect(openTabOutbox(createTabStorage(() => store)).pending()).toEqual([]);
  });
});
