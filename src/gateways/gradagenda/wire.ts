import type { WebSocket } from 'ws';
import type { Clock } from '../../chat/clock.ts';
import { fragments, toPayloads, type Closing } from './payloads.ts';
import type { ServerAction } from './server-actions.ts';

/** Bytes that a client may leave unread before its next action waits. */
const MOST_UNREAD_BYTES = 64 * 1024;

/** Milliseconds that a client has to close its side, too. */
const CLOSE_TIMEOUT_MS = 3000;

/** The sending side of a connection. */
export class Wire {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  /** Resolves when the newest payload has left this process, or never will. */
  #written: Promise<void> = Promise.resolve();
  #cancelTimeout: () => void = () => undefined;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.once('close', () => {
      this.#cancelTimeout();
    });
  }

  /** Says a series of actions, in order. Nothing is said on a connection that is closed already. */
  say(...actions: readonly ServerAction[]): void {
    for (const payload of toPayloads(actions)) this.#write(payload);
  }

  /** Resolves when the client has read enough of what was said for another answer. */
  async hasRoom(): Promise<void> {
    if (this.#socket.bufferedAmount > MOST_UNREAD_BYTES) await this.#written;
  }

  /** Sees to it that the connection ends soon, whatever the client does. */
  endSoon(): void {
    this.#cancelTimeout = this.#clock.after(CLOSE_TIMEOUT_MS, () => {
      this.#socket.terminate();
    });
  }

  close({ code, reason }: Closing): void {
    this.#socket.close(code, reason);
  }

  #write(payload: Buffer): void {
    const parts = fragments(payload);
    for (const [index, part] of parts.entries()) {
      const fin = index === parts.length - 1;
      this.#written = new Promise((resolve) => {
        this.#socket.send(part, { binary: false, fin }, () => {
          resolve();
        });
      });
    }
  }
}
