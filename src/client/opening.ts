import { systemClock, type Clock } from '../chat/clock.ts';
import type { Invitation } from '../crypto/index.ts';
import { headerNames } from '../protocol.ts';
import { createApiClient, type ApiClient, type Fetch } from './api/api-client.ts';
import type { Attempt } from './connection/admission.ts';
import { createBackoff, type Backoff } from './connection/backoff.ts';
import { createPlainLine, type Line } from './connection/line.ts';
import { createOutbox } from './connection/outbox.ts';
import { createSecureLine } from './connection/secure-line.ts';
import { DEFAULT_SERVER } from './default-server.ts';
import { openKeptChat } from './keys/kept-chat.ts';
import { createMemoryVault } from './keys/memory-vault.ts';
import { readServer } from './server-address.ts';

export interface SfChatOptions {
  /** Where the server is; by default the one of an invitation's link, or `http://127.0.0.1:8000`. */
  readonly server?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: Fetch;
  /** Instead of the system's time. */
  readonly clock?: Clock;
  /** How long to wait before a call is tried again; capped exponential with jitter by default. */
  readonly makeBackoff?: () => Backoff;
}

/** What every chat of a program is made with. */
export interface Parts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly makeBackoff: () => Backoff;
  readonly server: string;
}

/**
 * Completes what a program gave.
 *
 * @param linked the server that an invitation's link names
 * @throws {TypeError} when `server` is no address.
 */
export function partsOf(options: SfChatOptions, linked: string | undefined): Parts {
  const { clock = systemClock, makeBackoff = createBackoff } = options;
  const server = readServer(options.server ?? linked ?? DEFAULT_SERVER);
  const api = createApiClient({
    origin: server,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    clock,
    chatTokenHeader: headerNames.chatToken,
    userTokenHeader: headerNames.userToken,
  });
  return { api, clock, makeBackoff, server };
}

/** The line of somebody who was let in, with its keys in memory alone. */
export async function openLine(
  { role, code }: Attempt,
  kind: Invitation['kind'] | undefined,
): Promise<Line> {
  if (kind === 'plain') return createPlainLine(createOutbox());
  const kept = await openKeptChat({ role, code, endsAt: Infinity });
  const vault = createMemoryVault(kept, () => undefined);
  return createSecureLine({ vault, kept, lost: false, written: () => Promise.resolve() });
}
