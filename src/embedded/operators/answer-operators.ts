import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Operations } from '../../chat/operations.ts';
import { isToken } from '../../protocol.ts';
import { SOCKET, type Reply, type Request } from './messages.ts';
import { withShortPath } from './short-path.ts';

/** What a file has that only its owner may use. */
const OWNER_ONLY = 0o600;
const NOBODY_ELSE = 0o177;

/**
 * Answers the shell over a socket in the data directory, which only the owner can use: a second process cannot change chats
 * that are in the memory of this one. Gives how to stop.
 *
 * @throws Error when the socket cannot be made
 */
export async function answerOperators(
  dataDir: string,
  operations: Operations,
): Promise<() => void> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket)).on('error', () => undefined);
    createInterface(socket).once('line', (line) => void answer(socket, line, operations));
  });
  const file = path.join(dataDir, SOCKET);
  // Of a server that was killed: the journal is ours alone, so that one is gone.
  rmSync(file, { force: true });
  await withShortPath(dataDir, SOCKET, (address) => listen(server, address));
  chmodSync(file, OWNER_ONLY);
  // A connection that cannot be accepted ends nothing but itself.
  server.on('error', () => undefined);
  server.unref();
  return () => {
    server.close();
    for (const socket of connections) socket.destroy();
    rmSync(file, { force: true });
  };
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The socket is made at once; nobody else may use it, not even for the moment until its mode is changed.
    const before = process.umask(NOBODY_ELSE);
    try {
      server.once('error', reject).listen(address, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

async function answer(socket: Socket, line: string, operations: Operations): Promise<void> {
  const reply = (message: Reply): void => {
    socket.write(`${JSON.stringify(message)}\n`);
  };
  // Whoever goes away does not want it any more.
  const gone = new AbortController();
  socket.once('close', () => {
    gone.abort();
  });
  try {
    reply({
      done: await run(JSON.parse(line) as Partial<Request>, operations, gone.signal, reply),
    });
  } catch (error) {
    reply({ failed: error instanceof Error ? error.message : String(error) });
  }
  socket.end();
}

async function run(
  request: Partial<Request>,
  operations: Operations,
  signal: AbortSignal,
  reply: (message: Reply) => void,
) {
  if (request.ask === 'countClosed') return operations.countClosed();
  if (request.ask === 'remove' && isToken(request.chatToken)) {
    return operations.remove(request.chatToken);
  }
  if (request.ask !== 'terminate') throw new Error('the server does not know this request');
  const onProgress = (progress: Extract<Reply, { progress: unknown }>['progress']): void => {
    reply({ progress });
  };
  return operations.terminate({ signal, onProgress });
}
