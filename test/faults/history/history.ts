/**
 * What the clients of a campaign write down: each operation as it is invoked, and how it ended, in the order in
 * which one process saw it. The form is that of Jepsen's histories; {@link judge} reads it.
 */

/** How an operation ended: `unknown` may have happened or not; `failed` is a refusal that changed nothing. */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** One of the two, or a name of anybody else. */
export type Who = 'creator' | 'joiner' | `stranger${string}`;

export interface Said {
  readonly id: string;
  readonly text: string;
}

/** An operation as it begins; the entry that settles it has the same number. */
export type Invocation =
  | { readonly type: 'join'; readonly by: Who }
  | { readonly type: 'send'; readonly by: Who; readonly messages: readonly Said[] }
  | { readonly type: 'receive'; readonly by: Who; readonly isHeld: boolean }
  | { readonly type: 'acknowledge'; readonly by: Who; readonly ids: readonly string[] };

export type Event =
  | { readonly type: 'invoked'; readonly operation: number; readonly what: Invocation }
  | {
      readonly type: 'settled';
      readonly operation: number;
      readonly outcome: Outcome;
      /** Of a `receive` that is `ok`: the users' messages of the answer, oldest first. */
      readonly messages?: readonly Said[];
      readonly why?: string;
    }
  /** A person sees a message, after everything that the client does against repeats. */
  | { readonly type: 'shown'; readonly by: Who; readonly message: Said }
  /** A process that had chats in its memory was killed: what it had not committed is gone. */
  | { readonly type: 'crashed' }
  /** Something was broken or mended: nothing is expected in time around it. */
  | { readonly type: 'disturbed'; readonly what: string }
  /** The lifetime of the chat is over: what was undelivered is gone by right. */
  | { readonly type: 'expired' }
  /** Nobody waits for the rest any longer, which the service says it still has. */
  | { readonly type: 'unread' }
  /** A client reads no more, and why. */
  | { readonly type: 'stopped'; readonly by: Who; readonly why: string };

/** Entries in the order in which they happened; `at` in ms of one clock that never goes back. */
export type Entry = Event & { readonly at: number };

export interface History {
  readonly chat: string;
  readonly entries: readonly Entry[];
}

/** Writes a history down while it happens. */
export class Recorder implements History {
  readonly chat: string;
  readonly entries: Entry[] = [];
  readonly #now: () => number;
  #operations = 0;

  /** @param now in ms, of a clock that never goes back */
  constructor(chat: string, now = () => performance.now()) {
    this.chat = chat;
    this.#now = now;
  }

  note(event: Event): void {
    this.entries.push({ ...event, at: this.#now() });
  }

  /** Gives the number under which the operation is settled. */
  invoke(what: Invocation): number {
    this.#operations += 1;
    this.note({ type: 'invoked', operation: this.#operations, what });
    return this.#operations;
  }

  settle(
    operation: number,
    outcome: Outcome,
    details: { readonly messages?: readonly Said[]; readonly why?: string } = {},
  ): void {
    this.note({ type: 'settled', operation, outcome, ...details });
  }
}
