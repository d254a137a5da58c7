import type { OwnMessages, Stage } from '../../client/connection/deliveries.ts';
import type { SentText } from '../../crypto/index.ts';
import { asList, asObject, asText, parseJson } from '../../client/api/json.ts';
import { openHistory } from './history.ts';
import { inOneGo } from './in-one-go.ts';
import type { TabStorage } from './tab-storage.ts';
import type { Author, Entry } from './transcript.ts';

/** A line that is not shown yet. */
export type NewLine = Pick<Entry, 'id' | 'author' | 'text' | 'warning'>;

/** What was said in this tab, kept across reloads. */
export interface Conversation extends OwnMessages {
  entries(): readonly Entry[];
  /** One's own messages, oldest first. */
  own(): readonly Entry[];
  /** Adds one's own message. */
  addOwn(id: string, text: string): Entry;
  /**
   * Adds what arrived and answers what is new: a line that comes again is in the conversation once.
   *
   * @param earlier the talker's had waited for this page while it was away
   */
  addIncoming(lines: readonly NewLine[], earlier?: boolean): Entry[];
  /** Takes over what another tab knows of the same conversation. */
  merge(text: string): void;
  /** Everything as a text that {@link merge} understands. */
  toText(): string;
  /** Notes that the server will never take one's own message. */
  refuse(id: string, reason: string): void;
  /** Resolves when all of it is kept. */
  written(): Promise<void>;
}

/** Creates the conversation from what the tab remembers. */
export function createConversation(storage: TabStorage, now: () => number): Conversation {
  const history = openHistory(storage, (stored) => readEntries(parseJson(stored)));
  // Ids of one's own messages are made here and the talker's there: only incoming ones are compared.
  const idsOfIncoming = (): string[] =>
    history.lines().flatMap((entry) => (isOwn(entry) ? [] : [entry.id]));
  let shown = new Set(idsOfIncoming());

  const saving = inOneGo(history.save);
  const save = saving.soon;
  const own = (): Entry[] => history.lines().filter(isOwn);

  const takeNew = (line: NewLine, earlier: boolean): Entry[] => {
    if (shown.has(line.id)) return [];
    shown.add(line.id);
    const wasWaiting = earlier && line.author === 'talker';
    return [{ ...line, at: now(), ...(wasWaiting && { earlier: true as const }) }];
  };

  const change = (id: string, changes: Partial<Entry>): void => {
    const index = history.lines().findLastIndex((entry) => entry.id === id && isOwn(entry));
    const entry = history.lines()[index];
    if (!entry) return;
    Object.assign(entry, changes);
    history.changed(index);
    save();
  };

  return {
    entries: history.lines,
    own,
    addOwn(id, text) {
      const entry: Entry = { id, author: 'you', text, at: now() };
      history.add([entry]);
      save();
      return entry;
    },
    addIncoming(lines, earlier = false) {
      const added = lines.flatMap((line) => takeNew(line, earlier));
      history.add(added);
      if (added.length > 0) save();
      return added;
    },
    merge(text) {
      history.replace(mergeEntries(history.lines(), readEntries(parseJson(text))));
      shown = new Set(idsOfIncoming());
      save();
    },
    toText: () => JSON.stringify(history.lines()),
    refuse(id, reason) {
      change(id, { refused: reason });
    },
    setStage(id, stage) {
      change(id, { stage });
    },
    setSent(id, sent) {
      change(id, { sent });
    },
    written() {
      saving.now();
      return storage.written();
    },
  };
}

const isOwn = ({ author }: Entry): boolean => author === 'you';

/** Both, in the order of time; where both have a line, theirs is the newer state of it. */
function mergeEntries(ours: readonly Entry[], theirs: readonly Entry[]): Entry[] {
  const nameOf = ({ author, id }: Entry): string => `${author === 'you' ? 'own' : 'their'} ${id}`;
  const known = new Set(theirs.map(nameOf));
  const missing = ours.filter((entry) => !known.has(nameOf(entry)));
  return [...theirs, ...missing].sort((one, other) => one.at - other.at);
}

function readEntries(value: unknown): Entry[] {
  return asList(value).map((stored) => {
    const entry = asObject(stored);
    const refused = asText(entry['refused']);
    const stage = readStage(entry['stage']);
    const sent = readSent(entry['sent']);
    return {
      id: asText(entry['id']),
      author: readAuthor(entry['author']),
      text: asText(entry['text']),
      at: Number(entry['at']),
      ...(refused !== '' && { refused }),
      ...(entry['warning'] === true && { warning: true as const }),
      ...(entry['earlier'] === true && { earlier: true as const }),
      ...(stage && { stage }),
      ...(sent && { sent }),
    };
  });
}

const AUTHORS: readonly Author[] = ['you', 'talker', 'notice'];
const STAGES: readonly Stage[] = ['sent', 'delivered', 'confirmed', 'unconfirmed', 'repeated'];

function readAuthor(value: unknown): Author {
  return AUTHORS.find((author) => author === value) ?? 'system';
}

function readStage(value: unknown): Stage | undefined {
  return STAGES.find((stage) => stage === value);
}

function readSent(value: unknown): SentText | undefined {
  const { epoch, sequence } = asObject(value);
  return typeof epoch === 'number' && typeof sequence === 'number'
    ? { epoch, sequence }
    : undefined;
}
