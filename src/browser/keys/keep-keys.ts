import {
  generateSealingKey,
  openSecureChat,
  type HandshakeMemory,
  type Role,
} from '../../crypto/index.ts';
import { asList, asObject, asText, parseJson } from '../api/json.ts';
import type { KeyPlace, Session } from '../session/session.ts';
import { newToken } from '../api/token.ts';
import { createIndexedVault, keepInIndexedDb } from './indexed-vault.ts';
import type { KeptChat, Vault } from './kept-chat.ts';
import { createMemoryVault } from './memory-vault.ts';

/** A chat that somebody was just let into. */
export interface NewChat {
  readonly role: Role;
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

async function openKept(chat: NewChat, memory?: HandshakeMemory): Promise<KeptChat> {
  const { role, code, endsAt } = chat;
  return {
    state: await openSecureChat(role, code, memory),
    sealingKey: await generateSealingKey(),
    code: role === 'creator' ? code : undefined,
    outbox: [],
    unshown: undefined,
    compared: undefined,
    endsAt,
  };
}

/** Puts the keys of a chat where a reload finds them; where the browser refuses that, the code has to stay. */
export async function keepKeys(chat: NewChat): Promise<KeyPlace> {
  const vault = newToken();
  try {
    await keepInIndexedDb(vault, await openKept(chat));
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
  const kept = await openKept({ role, code, endsAt }, memory);
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
