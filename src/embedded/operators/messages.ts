import type { Progress, TerminationReport } from '../../chat/terminate-chats.ts';
import type { Status, Token } from '../../protocol.ts';

/** What the shell and the server say to each other over the socket: one line of JSON each, one request per connection. */

/** Name of the socket in the data directory. */
export const SOCKET = 'operators.sock';

export type Request =
  | { readonly ask: 'terminate' }
  | { readonly ask: 'countClosed' }
  | { readonly ask: 'remove'; readonly chatToken: Token };

/** Any number of `progress`, then one of the others. */
export type Reply =
  | { readonly progress: Progress }
  | { readonly done: TerminationReport | Status | number | null }
  | { readonly failed: string };
