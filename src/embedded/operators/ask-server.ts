import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Operations } from '../../chat/operations.ts';
import type { Progress, TerminationReport } from '../../chat/terminate-chats.ts';
import type { Status } from '../../protocol.ts';
import { SOCKET, type Reply, type Request } from './messages.ts';
import { withShortPath } from './short-path.ts';

/**
 * The operations of the server that has a data directory, over its socket.
 *
 * @returns `null` when no server has it
 * @throws Error when the socket is there and this user may not use it
 */
export async function askServer(dataDir: string): Promise<Operations | null> {
  const open = () => withShortPath(dataDir, SOCKET, connectTo);
  const first = await open();
  if (first === null) return null;
  first.destroy();

  const ask = async (request: Request, options: AskOptions = {}): Promise<unknown> => {
    const socket = await open();
    if (socket === null) throw new Error('the server has ended');
    return converse(socket, request, options);
  };
  return {
    terminate: async (options) => (await ask({ ask: 'terminate' }, options)) as TerminationReport,
    remove: async (chatToken) => (await ask({ ask: 'remove', chatToken })) as Status | null,
    countClosed: async () => (await ask({ ask: 'countClosed' })) as number,
  };
}

interface AskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
}

async function converse(
  socket: Socket,
  request: Request,
  { signal, onProgress }: AskOptions,
): Promise<unknown> {
  const lines = createInterface(socket);
  signal?.addEventListener('abort', () => {
    socket.destroy();
  });
  socket.on('error', () => undefined).write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of lines) {
      const reply = JSON.parse(line) as Reply;
      if ('done' in reply) return reply.done;
      if ('failed' in reply) throw new Error(reply.failed);
      await onProgress?.(reply.progress);
    }
  } finally {
    socket.destroy();
  }
  throw new Error(
    signal?.aborted === true
      ? 'Interrupted: what is left, the next run finds.'
      : 'the server has ended before it answered',
  );
}

function connectTo(address: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket
      .once('connect', () => {
        resolve(socket);
      })
      .once('error', (error: NodeJS.ErrnoException) => {
        const isNobodyThere = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
        if (isNobodyThere) resolve(null);
        else reject(new Error('the running server cannot be asked', { cause: error }));
      });
  });
}
