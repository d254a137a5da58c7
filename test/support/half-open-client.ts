import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** Until when a server must have let go, in ms: far more than it takes, so that only one that never does is found. */
const LETS_GO_WITHIN_MS = 20_000;

/**
 * Sends something and never ends its own side of the connection. Resolves when the server has closed it all the same.
 *
 * @throws Error when it does not
 */
export async function keepOpen(server: Server, sent: string): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  client.write(sent);
  const [socket] = (await accepted) as [Socket];
  client.resume();
  try {
    await once(socket, 'close', { signal: AbortSignal.timeout(LETS_GO_WITHIN_MS) });
  } finally {
    client.destroy();
  }
}
