import type { ChatStore } from '../../src/chat/chat-store.ts';

/** Milliseconds between two halves of a step that should be one. */
export const GAP_MS = 20;

/** Whoever waits goes on when two have looked. */
function twoLooks() {
  let looks = 0;
  let resolve: () => void = () => undefined;
  const bothHaveLooked = new Promise<void>((onBoth) => (resolve = onBoth));
  const look = (): void => {
    looks += 1;
    if (looks === 2) resolve();
  };
  return { bothHaveLooked, look };
}

/** A store of which some operations are replaced. */
const withBug = (store: ChatStore, replaced: Partial<ChatStore>): ChatStore =>
  new Proxy(store, {
    get: (target, name: keyof ChatStore) => replaced[name] ?? target[name].bind(target),
  });

/** Says that a message is stored, and stores it a moment later, unless the process is killed first. */
export function acknowledgedBeforeCommit(store: ChatStore) {
  let isDead = false;
  const bad = withBug(store, {
    send: async (step) => {
      const chat = await store.find(step.chatToken);
      if (chat === null) return null;
      setTimeout(() => {
        if (!isDead) void store.send(step);
      }, GAP_MS);
      return { outcome: 'stored', chat };
    },
  });
  return { store: bad, kill: () => (isDead = true) };
}

/** Looks whether the seat is free, and takes it when somebody else has looked, too. */
export function joinReadsThenWrites(store: ChatStore): ChatStore {
  // Whoever comes second sits down on the first one's chair.
  const sitsOn = new Map<string, string>();
  const { bothHaveLooked, look } = twoLooks();
  const resolve = <Step extends { userId: string }>(step: Step): Step => ({
    ...step,
    userId: sitsOn.get(step.userId) ?? step.userId,
  });
  return withBug(store, {
    join: async (step) => {
      const chat = await store.find(step.chatToken);
      if (chat?.status !== 'draft') return null;
      look();
      await bothHaveLooked;
      const joined = await store.join(step);
      if (joined !== null) return joined;
      const taken = await store.find(step.chatToken);
      sitsOn.set(step.userId, taken?.joiner ?? '');
      return taken;
    },
    findParticipant: (caller) => store.findParticipant(resolve(caller)),
    readInbox: (caller) => store.readInbox(resolve(caller)),
  });
}

/** Erases a message whoever's inbox it is in. */
export const deletesByIdAlone = (store: ChatStore): ChatStore =>
  withBug(store, {
    acknowledge: async (step) => {
      const chat = await store.find(step.chatToken);
      for (const userId of [chat?.creator, chat?.joiner]) {
        if (userId !== undefined && userId !== null) await store.acknowledge({ ...step, userId });
      }
      return chat;
    },
  });
