import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from './pairs.ts';
import type { Wire } from './wire.ts';

/** Milliseconds that one message to the others is waited for. */
const PATIENCE_MS = 10_000;

/** Milliseconds between two of them. */
const PAUSE_MS = 100;

/** Of servers of one service: where polls are held, and where messages are sent. */
export interface Wires {
  readonly receiving: Wire;
  readonly sending: Wire;
}

/** Two of whom one sends and the other has polled before: by them one sees whether messages arrive now. */
export class Others {
  readonly #pair: Pair;
  readonly #wires: Wires;

  constructor(pair: Pair, wires: Wires) {
    this.#pair = pair;
    this.#wires = wires;
  }

  /** Whether so many messages, one after the other, have ended a held poll each before it is too late. */
  async haveReceived(count: number, deadline: number): Promise<boolean> {
    let received = 0;
    // What waits already is answered at once: then the next polls go on with this one's subscription.
    await this.#send();
    await this.#receive();
    while (received < count && performance.now() < deadline) {
      await sleep(PAUSE_MS);
      const poll = this.#receive();
      await this.#send();
      if (await poll) received += 1;
    }
    return received === count;
  }

  async #send(): Promise<void> {
    const data = { messages: [{ msg: 'to the others' }] };
    await this.#wires.sending
      .call('POST', 'messages.json', { tokens: this.#pair.creator, data })
      .catch(() => undefined);
  }

  /** Polls until there is something, and acknowledges it; whether there was. */
  async #receive(): Promise<boolean> {
    const tokens = this.#pair.joiner;
    const held = { tokens, patienceMs: PATIENCE_MS };
    const answer = await this.#wires.receiving
      .call('GET', 'messages.json', held)
      .catch(() => undefined);
    const messages = answer?.results.messages ?? [];
    const data = { messages: messages.map(({ _id }) => ({ _id })) };
    await this.#wires.receiving
      .call('DELETE', 'messages.json', { tokens, data })
      .catch(() => undefined);
    return messages.length > 0;
  }
}
