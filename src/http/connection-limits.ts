import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressPrefix } from './address-prefix.ts';
import type { LimitName } from './limit-names.ts';

export interface ConnectionLimits {
  /** Connections at once of one address prefix; half of those in all at the most. */
  readonly perAddress: number;
  /** Connections at once. */
  readonly inAll: number;
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
function admission({ perAddress, inAll, isProxy, onRefused }: ConnectionGate) {
  const counts = new Map<string, number>();
  const share = Math.max(1, Math.min(perAddress, Math.floor(inAll / 2)));
  let total = 0;

  return (socket: Socket): 429 | 503 | null => {
    const { remoteAddress: address = '' } = socket;
    if (total >= inAll) {
      onRefused?.('connections');
      return 503;
    }
    const prefix = isProxy(address) ? null : addressPrefix(address);
    const held = prefix === null ? 0 : (counts.get(prefix) ?? 0);
    if (held >= share) {
      onRefused?.('connections_per_address');
      return 429;
    }
    total += 1;
    if (prefix !== null) counts.set(prefix, held + 1);
    socket.once('close', () => {
      total -= 1;
      if (prefix !== null) release(counts, prefix);
    });
    return null;
  };
}

function release(counts: Map<string, number>, prefix: string): void {
  const left = (counts.get(prefix) ?? 1) - 1;
  if (left === 0) counts.delete(prefix);
  else counts.set(prefix, left);
}
