import { openSealedStorage } from '../../../src/browser/keys/sealed-storage.ts';
import { createTabStorage } from '../../../src/browser/session/tab-storage.ts';
import { generateSealingKey, type Key } from '../../../src/crypto/index.ts';
import { memoryStore } from './support.ts';

const open = (store: ReturnType<typeof memoryStore>, key: Key) =>
  openSealedStorage(
    createTabStorage(() => store),
    key,
    (name) => name === 'history',
  );

describe('a sealed storage', () => {
  test('has after a reload what it had before, and shows it to nobody else', async () => {
    const [store, key] = [memoryStore(), await generateSealingKey()];
    const storage = await open(store, key);
    storage.set('history', 'a secret text');
    await storage.written();
    expect(store.getItem('history')).not.toBeNull();
    expect(store.getItem('history')).not.toContain('secret');
    expect((await open(store, key)).get('history')).toBe('a secret text');
  });

  test('has the newest of what was set at once', async () => {
    const [store, key] = [memoryStore(), await generateSealingKey()];
    const storage = await open(store, key);
    for (const text of ['one', 'two', 'three']) storage.set('history', text);
    expect(storage.get('history')).toBe('three');
    await storage.written();
    expect((await open(store, key)).get('history')).toBe('three');
  });

  test('has nothing when the key is another one', async () => {
    const store = memoryStore();
    const storage = await open(store, await generateSealingKey());
    storage.set('history', 'a secret text');
    await storage.written();
    expect((await open(store, await generateSealingKey())).get('history')).toBeNull();
  });

  test('brings nothing back that was removed while it was being sealed', async () => {
    const [store, key] = [memoryStore(), await generateSealingKey()];
    const storage = await open(store, key);
    storage.set('history', 'a secret text');
    // Now it is being sealed.
    await Promise.resolve();
    storage.remove('history');
    await storage.written();
    expect(store.keys()).toEqual([]);
  });

  test('leaves other values as they are', async () => {
    const store = memoryStore();
    const storage = await open(store, await generateSealingKey());
    storage.set('session', 'plain');
    expect([store.getItem('session'), storage.get('session')]).toEqual(['plain', 'plain']);
  });
});
