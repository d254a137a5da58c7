import type { Stage } from '../../client/connection/deliveries.ts';
import type { SentText } from '../../crypto/index.ts';
import { t } from '../../messages/translate.ts';

/** `system`: the server says it; `notice`: this page says it. */
export type Author = 'you' | 'talker' | 'system' | 'notice';

/** One line of the conversation. */
export interface Entry {
  id: string;
  author: Author;
  text: string;
  /** When it was written here or arrived here, in milliseconds. */
  at: number;
  /** Only in notices. */
  warning?: true;
  /** Why the server will never take it; only in one's own messages. */
  refused?: string;
  /** Only in one's own messages; none before the server has accepted it. */
  stage?: Stage;
  /** The frame of one's own message in an encrypted chat. */
  sent?: SentText;
}

const nameOf = (author: Author): string =>
  author === 'you' || author === 'talker' ? t(`author.${author}`) : '';

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Local time as H:i:s, 24 hours, padded with zeros. */
export function formatTime(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':');
}

/** The stamp and name of a line: `[14:03:07] You:`. */
export function formatStamp(entry: Entry): string {
  return `[${formatTime(entry.at)}] ${nameOf(entry.author)}:`;
}

/** Whether a person's line continues a run of theirs. */
export function continuesRun(entry: Entry, previous: Entry | undefined): boolean {
  return entry.author === previous?.author;
}

/** What precedes the text: the stamp, or `...` within a run. */
export function formatLead(entry: Entry, previous: Entry | undefined): string {
  return continuesRun(entry, previous) ? '...' : formatStamp(entry);
}

/** The whole line as it is read: `[14:03:07] You: Hi`, `... again`, `*** Chat is ready to use ***`. */
export function formatLine(entry: Entry, previous?: Entry): string {
  if (entry.author === 'system') return `*** ${entry.text} ***`;
  if (entry.author === 'notice') return entry.text;
  return `${formatLead(entry, previous)} ${entry.text}`;
}
