import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds between looks for connections that have nothing more to do. */
const IDLE_CHECK_INTERVAL_MS = 50;

/** Milliseconds in which the first request of a new connection comes. */
const SILENCE_MS = 500;

/** Milliseconds in which those who wait to be taken up are, at the most, before a server stops listening. */
const TAKING_UP_MS = 500;

/** Milliseconds of a turn of the event loop in which next to nobody can have come. */
const QUIET_TURN_MS = 0.5;

/** @param silenceMs how long the first request of a new connection is waited for */
type Drain = (timeoutMs: number, silenceMs?: number) => Promise<void>;

/**
 * Gives the function that stops a server which does not listen yet: requests under way are finished,
 * connections that only wait for another one are closed, and after `timeoutMs` all of them.
 */
export function createDrain(server: Server): Drain {
  const connections = watchConnections(server);
  const closeIdle = takeOverClosingIdle(server);
  const closeDone = (silenceMs: number): void => {
    // For Node a connection is idle as soon as its answer is written, though it may still have to be sent.
    if ([...connections.keys()].some(({ writableLength }) => writableLength > 0)) return;
    closeIdle();
    closeSilent(connections, silenceMs);
  };
  return async (timeoutMs, silenceMs = SILENCE_MS) => {
    const serveTaken = await takeUp(server);
    const closed = new Promise((resolve) => server.close(resolve));
    serveTaken();
    // Behind what has arrived meanwhile: that is read first.
    const idle = setInterval(() => setImmediate(closeDone, silenceMs), IDLE_CHECK_INTERVAL_MS);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, timeoutMs);
    await closed;
    clearInterval(idle);
    clearTimeout(deadline);
  };
}

/**
 * Takes up all connections that wait to be. The system resets those that still do when a server stops listening, and
 * whoever opened them has been let in already. A turn of the event loop takes up one; they are served as soon as the
 * returned function is called, so that nobody who has been answered comes again meanwhile.
 */
async function takeUp(server: Server): Promise<() => void> {
  const serve = server.listeners('connection') as ((socket: Socket) => void)[];
  const taken: Socket[] = [];
  const take = (socket: Socket): void => void taken.push(socket.on('error', ignore));
  server.removeAllListeners('connection').on('connection', take);
  const deadline = performance.now() + TAKING_UP_MS;
  // What was due in this turn may still come.
  await nextTurn();
  for (let isQuiet = false; !isQuiet && performance.now() < deadline;) {
    const [before, begun] = [taken.length, performance.now()];
    await nextTurn();
    isQuiet = taken.length === before && performance.now() - begun < QUIET_TURN_MS;
  }
  return () => {
    server.off('connection', take);
    for (const listener of serve) server.on('connection', listener);
    for (const socket of taken) {
      if (!socket.destroyed) server.emit('connection', socket.off('error', ignore));
    }
  };
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const ignore = (): void => undefined;

/** The connections that are open, and since when. */
function watchConnections(server: Server): ReadonlyMap<Socket, number> {
  const connections = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, performance.now());
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
 * Closes the connections on which not a byte has come for a while. Browsers open them in advance, and for Node such a
 * connection is not idle: it waits for the head of its first request. On a new one that may be on its way.
 */
function closeSilent(connections: ReadonlyMap<Socket, number>, silenceMs: number): void {
  const now = performance.now();
  for (const [socket, openedAt] of connections) {
    if (socket.bytesRead === 0 && now - openedAt > silenceMs) socket.destroy();
  }
}
