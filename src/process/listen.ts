import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from './run-process.ts';

/** Milliseconds for requests under way when the server is told to stop. */
const DRAIN_TIMEOUT_MS = 10_000;

/** Milliseconds between two looks for connections that have nothing more to do. */
const IDLE_CHECK_INTERVAL_MS = 50;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Begins to listen; gives the origin under which the server answers.
 *
 * @throws {Refusal} when it cannot: the port is taken, the address is not this machine's
 */
export async function listen(server: Server, { host, port }: Address): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`SFChat cannot listen on ${host}:${port}: ${reason}`);
  }
  const { port: listening } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
}

/** Lets requests under way finish; connections that only wait for another one are closed. */
export async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_INTERVAL_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, DRAIN_TIMEOUT_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}
