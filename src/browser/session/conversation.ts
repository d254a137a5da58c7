import type { IncomingMessage } from '../api/answers.ts';
import { asList, asObject, asText, parseJson } from '../api/json.ts';
import { HISTORY_KEY } from './session.ts';
import type { TabStorage } from './tab-storage.ts';
import type { Author, Entry } from './transcript.ts';

/** What was said in this tab, kept across reloads. */
export interface Conversation {
  entries(): readonly Entry[];
  /** Adds one's own message. */
  addOwn(id: string, text: string): Entry;
  /** Adds what arrived and answers what is new: a message that comes again is in the conversation once. */
  addIncoming(messages: readonly IncomingMessage[]): Entry[];
  /** Notes that the server will never take one's own message. */
  refuse(id: string, reason: string): void;
}

/** Creates the conversation from what the tab remembers. */
export function createConversation(storage: TabStorage, now: () => number): Conversation {
  const entries = readEntries(parseJson(storage.get(HISTORY_KEY)));
  // Ids of one's own messages are made here and the talker's there: only incoming ones are compared.
  const shown = new Set(entries.filter(({ author }) => author !== 'you').map(({ id }) => id));
  const save = (): void => {
    storage.set(HISTORY_KEY, JSON.stringify(entries));
  };

  const takeNew = ({ _id, msg, system }: IncomingMessage): Entry[] => {
    if (shown.has(_id)) return [];
    shown.add(_id);
    const author = system ? 'system' : 'talker';
    return [{ id: _id, author, text: msg, at: now() }];
  };

  return {
    entries: () => entries,
    addOwn(id, text) {
      const entry: Entry = { id, author: 'you', text, at: now() };
      entries.push(entry);
      save();
      return entry;
    },
    addIncoming(messages) {
      const added = messages.flatMap(takeNew);
      entries.push(...added);
      if (added.length > 0) save();
      return added;
    },
    refuse(id, reason) {
      const entry = entries.find((candidate) => candidate.author === 'you' && candidate.id === id);
      if (!entry) return;
      entry.refused = reason;
      save();
    },
  };
}

function readEntries(value: unknown): Entry[] {
  return asList(value).map((stored) => {
    const entry = asObject(stored);
    const refused = asText(entry['refused']);
    return {
      id: asText(entry['id']),
      author: readAuthor(entry['author']),
      text: asText(entry['text']),
      at: Number(entry['at']),
      ...(refused !== '' && { refused }),
    };
  });
}

function readAuthor(value: unknown): Author {
  return value === 'you' || value === 'talker' ? value : 'system';
}
