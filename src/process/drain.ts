import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds between looks for connections that have nothing more to do. */
const IDLE_CHECK_INTERVAL_MS = 50;

/**
 * Gives the function that stops a server which does not listen yet: requests under way are finished,
 * connections that only wait for another one are closed, and after `timeoutMs` all of them.
 */
export function createDrain(server: Server): (timeoutMs: number) => Promise<void> {
  const closeSilentConnections = watchSilentConnections(server);
  return async (timeoutMs) => {
    const closed = new Promise((resolve) => server.close(resolve));
    const closeIdle = (): void => {
      server.closeIdleConnections();
      closeSilentConnections();
    };
    closeIdle();
    const idle = setInterval(closeIdle, IDLE_CHECK_INTERVAL_MS);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, timeoutMs);
    await closed;
    clearInterval(idle);
    clearTimeout(deadline);
  };
}

/**
 * Gives the function that closes the connections on which not a byte has come. Browsers open them in
 * advance, and for Node such a connection is not idle: it waits for the head of its first request.
 */
function watchSilentConnections(server: Server): () => void {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return () => {
    for (const socket of connections) {
      if (socket.bytesRead === 0) socket.destroy();
      // It speaks, and will not be silent again.
      else connections.delete(socket);
    }
  };
}
