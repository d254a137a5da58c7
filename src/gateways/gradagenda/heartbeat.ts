import type { WebSocket } from 'ws';
import type { Clock } from '../../chat/clock.ts';

/** Milliseconds between two pings that ask whether the client is there. */
const PING_INTERVAL_MS = 25_000;

/** Pings that a client may leave unanswered before it counts as gone. */
const MOST_MISSED = 2;

/** Stands for all that was delivered until a moment (`LiveReceiver.mark`). */
type Mark = number;

export interface HeartbeatOptions {
  readonly socket: Pick<WebSocket, 'ping'>;
  readonly clock: Clock;
  /** The client has proven that everything up to a mark has arrived. */
  readonly onArrived: (mark: Mark) => void;
  /** The client has missed too many pings. */
  readonly onGone: () => void;
}

/**
 * The pings of one connection. Each carries a counter, and a client answers with the same payload once it has read
 * everything before it; one may answer only the newest of several (RFC 6455, section 5.5.3), so a pong stands
 * for all earlier pings, too.
 */
export class Heartbeat {
  readonly #context: HeartbeatOptions;
  #count = 0;
  #missed = 0;
  #unproven: { readonly count: number; readonly mark: Mark }[] = [];
  #proven: Mark = 0;
  #cancel: () => void;

  constructor(context: HeartbeatOptions) {
    this.#context = context;
    this.#cancel = this.#schedule();
  }

  /** Asks for a proof that everything up to a mark has arrived. */
  prove(mark: Mark): void {
    this.#ping();
    this.#unproven.push({ count: this.#count, mark });
  }

  /** Hears of a pong; one that answers no ping of ours says nothing. */
  pong(payload: Buffer): void {
    const text = payload.toString('latin1');
    const count = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
    if (count === 0 || count > this.#count) return;
    this.#missed = 0;
    this.#proven = this.#unproven.findLast((ping) => ping.count <= count)?.mark ?? this.#proven;
    this.#unproven = this.#unproven.filter((ping) => ping.count > count);
    // Said again with each pong: the server may have been unable to act on it before.
    this.#context.onArrived(this.#proven);
  }

  /** Asks no more; what comes in answer to earlier pings still counts. */
  stop(): void {
    this.#cancel();
  }

  #ping(): void {
    this.#count += 1;
    this.#context.socket.ping(String(this.#count));
  }

  #schedule(): () => void {
    return this.#context.clock.after(PING_INTERVAL_MS, () => {
      if (this.#missed >= MOST_MISSED) {
        this.#context.onGone();
        return;
      }
      this.#missed += 1;
      this.#ping();
      this.#cancel = this.#schedule();
    });
  }
}
