import type { Stage } from '../../client/connection/deliveries.ts';
import type { SentText } from '../../crypto/index.ts';

/** `system`: the server says it; `notice`: this page says it. */
export type Author = 'you' | 'talker' | 'system' | 'notice';

/** One line of the conversation. */
export interface Entry {
  id: string;
  author: Author;
  text: string;
  /** When it was written here or arrived here, in milliseconds. */
  at: number;
  /** It had waited for this page, which was away: it was written some time before. */
  earlier?: true;
  /** Only in notices. */
  warning?: true;
  /** Why the server will never take it; only in one's own messages. */
  refused?: string;
  /** Only in one's own messages; none before the server has accepted it. */
  stage?: Stage;
  /** The frame of one's own message in an encrypted chat. */
  sent?: SentText;
}

/** Whether a person's line continues a run of theirs. */
export function continuesRun(entry: Entry, previous: Entry | undefined): boolean {
  return (
    entry.author === previous?.author && isPerson(entry) && dayOf(entry.at) === dayOf(previous.at)
  );
}

/** Whether a person wrote it. */
export const isPerson = ({ author }: Entry): boolean => author === 'you' || author === 'talker';

/** The local day, as a text that differs from day to day. */
export const dayOf = (at: number): string => new Date(at).toDateString();
