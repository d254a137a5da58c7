import type { MongoClient } from 'mongodb';
import { HEARTBEAT_MS, type StageLimits } from './client.ts';

/** Milliseconds that a heartbeat takes at the most with a server that is well, TLS and a long way included. */
const HEARTBEAT_ANSWER_MS = 1500;

/** Milliseconds that anything else may be late on a busy machine. */
const SLACK_MS = 500;

/**
 * Tells when the driver seems to have lost track of something that it began.
 *
 * Version 7.8 waits for ever when it writes to a connection in the moment in which the other side
 * closes it: for room in the buffer of a socket that is destroyed already (`writeCommand` in its
 * `src/cmap/connection.ts`). A proxy that accepts connections while the server behind it is away makes
 * that happen every few seconds. A lost operation keeps its connection out of the pool; a lost heartbeat
 * leaves the server unknown, and every operation fails, until the process is restarted. So whatever is
 * under way is noted down with the time by which it should have ended.
 */
export class DriverWatch {
  /** What is under way, and by when it should have ended. */
  readonly #due = new Map<string | symbol, number>();
  readonly #limits: StageLimits;

  constructor(client: MongoClient, limits: StageLimits) {
    this.#limits = limits;
    this.#watchHeartbeats(client);
    this.#watchConnecting(client);
  }

  /** Notes an operation down until it has ended. */
  operation(promise: Promise<unknown>): void {
    const { stageMs, answerMs } = this.#limits;
    const key = Symbol('operation');
    // The driver may have repeated it, once.
    this.#begin(key, 2 * (2 * stageMs + answerMs) + SLACK_MS);
    const end = (): void => {
      this.#due.delete(key);
    };
    promise.then(end, end);
  }

  isStuck(): boolean {
    const now = performance.now();
    for (const due of this.#due.values()) if (due < now) return true;
    return false;
  }

  #begin(key: string | symbol, limitMs: number): void {
    this.#due.set(key, performance.now() + limitMs);
  }

  #watchHeartbeats(client: MongoClient): void {
    const end = (server: string): void => {
      this.#due.delete(`heartbeat ${server}`);
    };
    client.on('serverHeartbeatStarted', ({ connectionId: server, awaited }) => {
      // An awaited one is answered when there is news, or after a heartbeat's time.
      this.#begin(`heartbeat ${server}`, HEARTBEAT_ANSWER_MS + (awaited ? HEARTBEAT_MS : 0));
    });
    client.on('serverHeartbeatSucceeded', ({ connectionId }) => {
      end(connectionId);
    });
    client.on('serverHeartbeatFailed', ({ connectionId }) => {
      end(connectionId);
    });
    client.on('serverClosed', ({ address }) => {
      end(address);
    });
  }

  #watchConnecting(client: MongoClient): void {
    const keyOf = ({ address, connectionId }: { address: string; connectionId: number | string }) =>
      `connection ${address} ${connectionId}`;
    client.on('connectionCreated', (event) => {
      this.#begin(keyOf(event), 2 * this.#limits.stageMs + SLACK_MS);
    });
    client.on('connectionReady', (event) => {
      this.#due.delete(keyOf(event));
    });
    client.on('connectionClosed', (event) => {
      this.#due.delete(keyOf(event));
    });
  }
}
