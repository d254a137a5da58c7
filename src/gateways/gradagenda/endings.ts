import type { Ending } from '../receivers.ts';
import { closeCodes, type Closing } from './payloads.ts';

/** How a connection is told why it receives no more. */
export const endings: Readonly<Record<Ending, Closing>> = {
  closed: { code: closeCodes.normal, reason: 'the chat is over' },
  gone: { code: closeCodes.normal, reason: 'the chat is over' },
  // A client that came back at once would end the newer one in turn, and so on.
  superseded: { code: closeCodes.policy, reason: 'superseded' },
  stopping: { code: closeCodes.restart, reason: 'the server restarts, please come back' },
  unavailable: { code: closeCodes.tryAgainLater, reason: 'please come back in a moment' },
  'client gone': { code: closeCodes.normal, reason: '' },
};
