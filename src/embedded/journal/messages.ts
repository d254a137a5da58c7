import type { Role } from '../../chat/chat.ts';
import type { Status, SystemEvent, Token } from '../../protocol.ts';

/** What the server and the thread that owns the file say to each other. Booleans are 0 or 1, times ms since the epoch. */

export type ChatRow = [
  number: number,
  token: Token,
  status: Status,
  encrypted: number,
  absenceCloseAfterMs: number,
  created: number,
  closed: number | null,
  creator: string,
  joiner: string | null,
  expired: number,
  intruderNoticed: number | null,
];

export type MessageRow = [
  place: number,
  chat: number,
  addressee: Role,
  id: Token,
  /** `null`: delivered; the row stays as long as its id is remembered. */
  msg: string | null,
  system: number,
  event: SystemEvent | null,
  accepted: number,
];

export type InvitationRow = [number: number, hash: string, removed: number];

export interface Rows {
  readonly chats: ChatRow[];
  readonly messages: MessageRow[];
  readonly invitations: InvitationRow[];
}

export type Table = keyof Rows;

/**
 * The changes of many steps: for each table the rows to put, and the keys of those to remove; and the places of messages
 * whose texts are to be erased. Each is one JSON text: that crosses to the thread as cheaply as it can, and SQLite reads
 * it by itself.
 */
export interface Batch {
  readonly put: Readonly<Partial<Record<Table, string>>>;
  readonly remove: Readonly<Partial<Record<Table, string>>>;
  readonly erase?: string;
}

export type ToThread = { readonly batch: Batch } | { readonly close: true };

/** Some rows of one table, as they are read at start. */
export type Loading = { readonly [T in Table]: { table: T; rows: Rows[T] } }[Table];

/** `hasRoom`: the disk takes more than what is kept back for erasing. */
export type FromThread =
  | { readonly loading: Loading }
  | { readonly ready: { readonly hasRoom: boolean } }
  | { readonly refused: string }
  | { readonly committed: { readonly hasRoom: boolean } }
  | { readonly failed: { readonly code: string; readonly message: string } }
  | { readonly room: boolean }
  | { readonly closed: true };

export interface ThreadOptions {
  readonly dataDir: string;
  /** Milliseconds after an erasure until the write-ahead log is emptied; its pages still have the message. */
  readonly eraseWithinMs: number;
}
