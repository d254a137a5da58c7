import type { HandshakeMemory } from '../../crypto/index.ts';
import { asList, asObject, asText, parseJson } from '../../client/api/json.ts';
import type { KeyPlace, Session } from '../session/session.ts';
import { newToken } from '../../client/api/token.ts';
import { createIndexedVault, keepInIndexedDb } from './indexed-vault.ts';
import {
  openKeptChat,
  type KeptChat,
  type NewChat,
  type Vault,
} from '../../client/keys/kept-chat.ts';
import { createMemoryVault } from '../../client/keys/memory-vault.ts';

/** Puts the keys of a chat where a reload finds them; where the browser refuses that, the code has to stay. */
export async function keepKeys(chat: NewChat): Promise<KeyPlace> {
  const vault = newToken();
  try {
    await keepInIndexedDb(vault, await openKeptChat(chat));
    return { vault };
  } catch {
    return { code: chat.code };
  }
}

export interface OpenedKeys {
  readonly vault: Vault;
  readonly kept: KeptChat;
  /** The keys were in memory, and a reload has lost them. */
  readonly lost: boolean;
}

/** Where the public values of handshakes are that must outlive keys in memory. */
export interface HandshakePlace {
  read(): string | null;
  write(text: string): void;
}

/** The keys of the session; undefined when the browser has lost them for good. */
export async function openKeys(
  session: Session,
  place: HandshakePlace,
): Promise<OpenedKeys | undefined> {
  const { vault: id, code, role, endsAt } = session;
  if (id !== undefined) {
    const vault = createIndexedVault(id);
    const kept = await vault.read();
    return kept && { vault, kept, lost: false };
  }
  if (code === undefined) return undefined;
  const memory = readMemory(place);
  const kept = await openKeptChat({ role, code, endsAt }, memory);
  const vault = createMemoryVault(kept, ({ state }) => {
    place.write(JSON.stringify(state.memory));
  });
  return { vault, kept, lost: memory !== undefined && memory.commits.length > 0 };
}

function readMemory(place: HandshakePlace): HandshakeMemory | undefined {
  const stored = parseJson(place.read());
  if (stored === undefined) return undefined;
  const { commits, restarts, completed } = asObject(stored);
  return {
    commits: asList(commits).map(asText),
    restarts: asList(restarts).map(asText),
    completed: typeof completed === 'number' ? completed : 0,
  };
}
