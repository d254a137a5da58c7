import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from './run-process.ts';

/**
 * Connections that wait until they are taken up, at the most; the system may allow less. When thousands of people come
 * back at once, after a restart, those for whom there is no room are let in seconds later.
 */
const BACKLOG = 4096;

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
  server.listen(port, host, BACKLOG);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`SFChat cannot listen on ${host}:${port}: ${reason}`);
  }
  const { port: listening } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
}
