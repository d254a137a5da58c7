import type { SecureChat } from '../../crypto/index.ts';
import type { KeptChat, SealedMessage, Vault } from './kept-chat.ts';

/** The browser no longer has what this chat needs. */
export class KeysLost extends Error {
  constructor() {
    super('The keys of this chat are gone');
    this.name = 'KeysLost';
  }
}

export interface KeeperOptions {
  readonly vault: Vault;
  readonly kept: KeptChat;
  /** Resolves when what is shown is kept, so that no envelope leaves without its text. */
  readonly written: () => Promise<void>;
}

/** What a step makes of what is kept. */
export interface Made {
  readonly state: SecureChat;
  readonly messages: readonly SealedMessage[];
  readonly unshown?: string | undefined;
}

/** What is kept of a chat, as one of its tabs knows and changes it. */
export interface Keeper {
  now(): KeptChat;
  /** One after the other, or steps of this tab would get in each other's way. */
  inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** What is stored now: another tab may have gone on. @throws {KeysLost} */
  look(): Promise<KeptChat>;
  /** Computes a step and stores what it made, if no other tab has taken one meanwhile; else again. @throws {KeysLost} */
  step: <M extends Made>(make: (from: KeptChat) => Promise<M>) => Promise<M>;
  change: (changes: (now: KeptChat) => Partial<KeptChat>) => Promise<void>;
  /** Takes what the server has accepted out of the outbox: here at once, and in what is stored in its turn. */
  removeAccepted: (ids: readonly string[]) => void;
}

/** Creates the keeper of one tab. */
// eslint-disable-next-line max-lines-per-function -- the operations of one small state
export function createKeeper({ vault, written, kept: first }: KeeperOptions): Keeper {
  let kept = first;
  // Not to be sent again, although what is stored still has it.
  const accepted = new Set<string>();
  let isRemovalDue = false;
  let before: Promise<unknown> = Promise.resolve();

  const inTurn: Keeper['inTurn'] = (work) => {
    const result = before.then(work, work);
    before = result;
    return result;
  };

  const take = (stored: KeptChat): KeptChat => {
    kept = accepted.size === 0 ? stored : { ...stored, outbox: without(stored, accepted) };
    return kept;
  };

  const look = async (): Promise<KeptChat> => {
    const found = await vault.read();
    if (!found) throw new KeysLost();
    return take(found);
  };

  const change: Keeper['change'] = async (changes) => {
    const stored = await vault.update((now) => ({ ...now, ...changes(now) }));
    if (stored) take(stored);
  };

  /** Once for all that was accepted until its turn has come. */
  const removeStored = async (): Promise<void> => {
    isRemovalDue = false;
    const ids = new Set(accepted);
    // What is shown comes first: a message that is in neither place would look lost.
    await written();
    await change((now) => ({ outbox: without(now, ids) }));
    for (const id of ids) accepted.delete(id);
  };

  return {
    now: () => kept,
    inTurn,
    look,
    async step(make) {
      for (;;) {
        const from = await look();
        const { revision } = from.state;
        const made = await make(from);
        const { state, messages, unshown } = made;
        const stored = await vault.update((now) =>
          now.state.revision === revision
            ? {
                ...now,
                state,
                outbox: [...now.outbox, ...messages],
                unshown: unshown ?? now.unshown,
              }
            : undefined,
        );
        if (!stored) continue;
        take(stored);
        return made;
      }
    },
    change,
    removeAccepted(ids) {
      for (const id of ids) accepted.add(id);
      take(kept);
      if (!isRemovalDue) void inTurn(removeStored).catch(() => undefined);
      isRemovalDue = true;
    },
  };
}

const without = ({ outbox }: KeptChat, ids: ReadonlySet<string>): SealedMessage[] =>
  outbox.filter(({ _id }) => !ids.has(_id));
