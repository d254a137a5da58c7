// How long a message takes to arrive when people talk at their own pace: messages leave at set times, whether or
// not earlier ones have arrived (open loop), and the time counts from when a message should have left. So a
// server that stops for a moment is charged with everybody who waited meanwhile.
import { Gone } from '../support/http-connection.mjs';
import { quantile, ratiosOf, summary } from '../support/figures.mjs';
import { openChats } from '../support/saturation.mjs';
import { kinds, possible, startServer } from '../support/servers.mjs';

export const about = 'delivery p50 and p99 at 1, 100 and 1,000 chats, open loop';

/** Chats, and messages a second in all of them. */
const loads = [
  { chats: 1, perSecond: 50 },
  { chats: 100, perSecond: 300 },
  { chats: 1000, perSecond: 300 },
];
/**
 * What the distributed mode is asked for at the most: its database, which shares the load's core, would fall behind, and
 * the figures would be its queue.
 */
const MOST_DISTRIBUTED = 50;
const compared = ['bare', 'disk', 'memory', 'distributed', 'express', 'polling', 'websocket'];
const base = 'bare';
const WARM_UP_MS = 1000;

export async function run({ isQuick, only }) {
  const [rounds, roundMs] = isQuick ? [1, 1500] : [3, 2500];
  const names = possible(only ?? compared);
  const result = {};
  for (const load of isQuick ? loads.slice(0, 2) : loads)
    result[load.chats] = await measureAll(names, load, rounds, roundMs);
  if (only === undefined)
    result.original = await measureAll(['original'], loads[1], 1, isQuick ? 4000 : 10_000);
  return result;
}

async function measureAll(names, load, rounds, roundMs) {
  const places = [];
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (const name of names) {
      const server = await startServer(name);
      const talk = new Talk(await openChats(server, load.chats));
      const perSecond = name === 'distributed' ? MOST_DISTRIBUTED : load.perSecond;
      places.push({ name, server, talk, perSecond });
      if (name !== 'original') await talk.run(perSecond, WARM_UP_MS);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, talk, perSecond } of places)
        measured[name].push(await talk.run(perSecond, roundMs));
    }
  } finally {
    for (const { server, talk } of places) {
      talk.close();
      await server.stop();
    }
  }
  return Object.fromEntries(names.map((name) => [name, figuresOf(measured[name], measured[base])]));
}

function figuresOf(rounds, bases) {
  const figure = (key) => {
    const valuesOf = (measured) => measured.map((round) => round[key]);
    return {
      ...summary(valuesOf(rounds), 3),
      ...(bases && { ratio: ratiosOf(valuesOf(rounds), valuesOf(bases)) }),
    };
  };
  return { p50: figure('p50'), p99: figure('p99') };
}

/** All chats of one server: whoever receives polls all the time, and senders send when it is time. */
class Talk {
  #chats;
  /** When each message that is under way should have left. */
  #due = new Map();
  #latencies = [];
  #next = 0;
  #isClosed = false;
  #failure = null;

  constructor(chats) {
    this.#chats = chats;
    for (const { receiver } of chats) void this.#receive(receiver);
  }

  /** Milliseconds of delivery over so long, of messages at this rate. */
  async run(perSecond, milliseconds) {
    this.#latencies = [];
    const count = Math.round((perSecond * milliseconds) / 1000);
    const begun = performance.now();
    for (let index = 0; index < count; index += 1) {
      const time = begun + (index * 1000) / perSecond;
      // A timer is a millisecond late: this waits on a core that has nothing else to do.
      while (performance.now() < time) await new Promise(setImmediate);
      this.#send(time);
    }
    const deadline = performance.now() + 20_000;
    while (this.#due.size > 0 && this.#failure === null) {
      if (performance.now() > deadline) throw new Error(`${this.#due.size} messages never arrived`);
      await new Promise(setImmediate);
    }
    if (this.#failure !== null) throw this.#failure;
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  }

  close() {
    this.#isClosed = true;
    for (const { sender, receiver } of this.#chats)
      [sender, receiver].forEach((one) => one.close());
  }

  #send(time) {
    const id = this.#next.toString(16).padStart(24, '0');
    const { sender } = this.#chats[this.#next % this.#chats.length];
    this.#next += 1;
    this.#due.set(id, time);
    sender.send(id, 'How are you?').catch((error) => this.#fail(error));
  }

  async #receive(receiver) {
    try {
      while (!this.#isClosed) {
        const messages = await receiver.receive();
        const now = performance.now();
        for (const { _id } of messages) {
          const time = this.#due.get(_id);
          if (time === undefined) throw new Error(`${_id} came twice`);
          this.#due.delete(_id);
          this.#latencies.push(now - time);
        }
        await receiver.acknowledge(messages);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    if (!(error instanceof Gone) && !this.#isClosed) this.#failure ??= error;
  }
}

export function print(result) {
  const lines = Object.entries(result).flatMap(([load, all]) =>
    Object.entries(all).map(
      ([name, { p50, p99 }]) =>
        `${(load === 'original' ? '100' : load).padStart(5)} chats  ${kinds[name].label.padEnd(24)}` +
        `p50 ${p50.median.toFixed(2).padStart(8)} ms   p99 ${p99.median.toFixed(2).padStart(8)} ms` +
        (p50.ratio
          ? `   ${p50.ratio.median.toFixed(2)} and ${p99.ratio.median.toFixed(2)} of bare node:http`
          : ''),
    ),
  );
  return `delivery\n${lines.join('\n')}\n`;
}
