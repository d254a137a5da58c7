import type { Stage } from '../../client/connection/deliveries.ts';
import type { Status } from '../../protocol.ts';
import type { Entry } from '../session/transcript.ts';
import type { Security } from './security.ts';
import type { Talker } from './talker.ts';

/** How far one's own message has come, and what a person reads or hears about it. */
export interface Delivery {
  readonly kind: 'sending' | 'waiting' | 'refused' | Stage;
  readonly text: string;
}

export type Connection =
  { kind: 'connecting' | 'connected' } | { kind: 'waiting'; trouble: string; retryAt: number };

/** What a room needs of the page. */
export interface ChatView {
  /** Shows what the tab remembers, without announcing it. */
  restore: (entries: readonly Entry[]) => void;
  add: (entries: readonly Entry[]) => void;
  setDelivery: (id: string, delivery: Delivery) => void;
  setStatus: (status: Status) => void;
  setConnection: (connection: Connection) => void;
  setTalker: (talker: Talker) => void;
  /** How many of one's own messages would be lost with the tab. */
  setUnsent: (count: number) => void;
  /** When the chat ends, in milliseconds since the epoch of this browser's clock. */
  setExpiry: (endsAt: number) => void;
  setSecurity: (security: Security) => void;
  showSuperseded: () => void;
  hideSuperseded: () => void;
  showEnd: (text: string) => void;
}
