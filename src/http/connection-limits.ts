import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressPrefix } from './address-prefix.ts';
import type { HeldCounts } from './held-counts.ts';
import type { LimitName } from './limit-names.ts';

export interface ConnectionLimits {
  /** Connections at once of one address prefix; half of those in all at the most. */
  readonly perAddress: number;
  /** Connections at once. */
  readonly inAll: number;
  /** Where open connections are counted, by address prefix. */
  readonly open: HeldCounts;
  readonly onRefused?: (limit: LimitName) => void;
}

export interface ConnectionGate extends ConnectionLimits {
  /** A proxy of ours stands for many people: its connections count only in all. */
  readonly isProxy: (address: string) => boolean;
  /** Says why and hangs up. */
  readonly refuse: (socket: Socket, code: 429 | 503) => void;
}

/**
 * Lets nobody hold more connections of a server than their share, so that others find one. Whoever comes
 * over a limit is refused before they are listened to.
 */
export function limitConnections(server: Server, gate: ConnectionGate): void {
  const serve = server.listeners('connection');
  const admit = admission(gate);
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const refusal = admit(socket);
    if (refusal === null) for (const listener of serve) listener.call(server, socket);
    else gate.refuse(socket, refusal);
  });
}

/** Counts a connection until it is closed; gives the code of its refusal instead when there is no room. */
function admission({ perAddress, inAll, open, isProxy, onRefused }: ConnectionGate) {
  const share = Math.max(1, Math.min(perAddress, Math.floor(inAll / 2)));

  return (socket: Socket): 429 | 503 | null => {
    const { remoteAddress: address = '' } = socket;
    if (open.total >= inAll) {
      onRefused?.('connections');
      return 503;
    }
    const prefix = isProxy(address) ? null : addressPrefix(address);
    if (prefix !== null && open.of(prefix) >= share) {
      onRefused?.('connections_per_address');
      return 429;
    }
    socket.once('close', open.hold(prefix));
    return null;
  };
}
