import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds between looks for connections that have nothing more to do. */
const IDLE_CHECK_INTERVAL_MS = 50;

/**
 * Gives the function that stops a server which does not listen yet: requests under way are finished,
 * connections that only wait for another one are closed, and after `timeoutMs` all of them.
 */
export function createDrain(server: Server): (timeoutMs: number) => Promise<void> {
  const connections = watchConnections(server);
  const closeIdle = takeOverClosingIdle(server);
  const closeDone = (): void => {
    // For Node a connection is idle as soon as its answer is written, though it may still have to be sent.
    if ([...connections].some(({ writableLength }) => writableLength > 0)) return;
    closeIdle();
    closeSilent(connections);
  };
  return async (timeoutMs) => {
    const closed = new Promise((resolve) => server.close(resolve));
    // Behind what has arrived meanwhile: that is read first.
    const idle = setInterval(() => setImmediate(closeDone), IDLE_CHECK_INTERVAL_MS);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, timeoutMs);
    await closed;
    clearInterval(idle);
    clearTimeout(deadline);
  };
}

/** The connections that are open. */
function watchConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}

/** Gives what Node does as soon as a server is closed, too early for an answer that is being sent, and keeps it from that. */
function takeOverClosingIdle(server: Server): () => void {
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => undefined;
  return closeIdle;
}

/**
 * Closes the connections on which not a byte has come. Browsers open them in advance, and for Node such a
 * connection is not idle: it waits for the head of its first request.
 */
function closeSilent(connections: ReadonlySet<Socket>): void {
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
}
