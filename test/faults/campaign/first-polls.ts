import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import { Others, type Wires } from './others.ts';
import { meetAtLast, type Pair } from './pairs.ts';
import type { Environment, Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { Wire } from './wire.ts';

/** Pairs whose first poll begins while something is said to it: so many at once, and so many times. */
const AT_ONCE = 25;
const ROUNDS = 8;

/** Milliseconds by which the poll or the message comes first, at the most. */
const SPREAD_MS = 5;

/** Messages that have reached others since, when a poll that is still held has slept through its own. */
const TO_OTHERS = 20;

/** Milliseconds in which an answer arrives as a rule: before that nobody asks others. */
const ON_ITS_WAY_MS = 500;

const TEXT = 'Hello';

/** Milliseconds for which a poll is held: nothing but a wake-up or its end makes it look. */
const HELD_MS = 60_000;

const settings: Environment = {
  LONG_POLLING_SLEEP: String(HELD_MS / 1000),
  LONG_POLLING_ITERATION: '1',
};

export interface FirstPollsOptions {
  readonly stage: Stage;
  /** Servers of its own: where polls are held, and where messages are sent; the same where there is one. */
  readonly webs: readonly [receiving: Supervised, sending: Supervised];
}

/**
 * Messages are sent in the milliseconds in which the receiver's first poll begins. A server that reads before it
 * subscribes misses some of them, and those polls sleep until their end. Whether that is too long others say: by then
 * messages have reached polls that were held before, one after the other, by the same way.
 */
export const sendAsPollsBegin = ({ stage, webs }: FirstPollsOptions): Fault => ({
  name: 'messages sent as a first poll begins',
  run: async () => {
    const servers = [...new Set(webs)];
    await Promise.all(servers.map((web) => web.start(settings)));
    const [receiving, sending] = webs;
    const wires = { receiving: wireTo(receiving), sending: wireTo(sending) };
    let tried = 0;
    for (let round = 0; round < ROUNDS; round += 1) tried += await tryFirstPolls(stage, wires);
    await Promise.all(Object.values(wires).map((wire) => wire.close()));
    await Promise.all(servers.map((web) => web.end('SIGTERM')));
    const proof = `${tried} of ${ROUNDS * AT_ONCE} polls`;
    return 2 * tried < ROUNDS * AT_ONCE ? `NOT PROVEN: ${proof}` : proof;
  },
});

const wireTo = (web: Supervised): Wire => new Wire(() => web.origin);

/** Gives how many of the polls ended with their message, or slept through it. */
export async function tryFirstPolls(
  stage: Pick<Stage, 'random' | 'broken'>,
  wires: Wires,
): Promise<number> {
  const deadline = performance.now() + HELD_MS / 2;
  const pairs = await Promise.all(
    Array.from({ length: AT_ONCE }, () => meetAtLast(wires.sending, wires.receiving)),
  );
  const polls = pairs.map((pair) => new FirstPoll(pair, wires));
  await Promise.all(polls.map((poll) => poll.begin(stage.random)));
  const ended = Promise.all(polls.map((poll) => poll.ended));
  await Promise.race([ended, sleep(ON_ITS_WAY_MS)]);
  const areSleeping = polls.some((poll) => poll.isSleeping);
  if (areSleeping && (await haveOthersReceived(wires, deadline))) {
    for (const { isSleeping } of polls)
      if (isSleeping) stage.broken('late', 'a first poll slept through what was sent as it began');
  }
  const count = polls.filter(({ hasHeard, isSleeping }) => hasHeard || isSleeping).length;
  for (const poll of polls) poll.leave();
  await ended;
  return count;
}

async function haveOthersReceived(wires: Wires, deadline: number): Promise<boolean> {
  const pair = await meetAtLast(wires.sending, wires.receiving);
  return new Others(pair, wires).haveReceived(TO_OTHERS, deadline);
}

/** The first poll of somebody, and a message to them. */
class FirstPoll {
  hasHeard = false;
  /** Resolves when the poll is over, whatever came of it. */
  ended: Promise<void> = Promise.resolve();
  readonly #pair: Pair;
  readonly #wires: Wires;
  readonly #leaving = new AbortController();
  #isAccepted = false;
  #isHeld = true;

  constructor(pair: Pair, wires: Wires) {
    this.#pair = pair;
    this.#wires = wires;
  }

  /** Its message was accepted, and it is held all the same. */
  get isSleeping(): boolean {
    return this.#isAccepted && this.#isHeld;
  }

  /** Begins the poll, and sends the message; resolves when that is answered. */
  async begin(random: () => number): Promise<void> {
    this.ended = this.#poll(random() * SPREAD_MS);
    await sleep(random() * SPREAD_MS);
    await this.#send();
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #poll(afterMs: number): Promise<void> {
    await sleep(afterMs);
    const held = {
      tokens: this.#pair.joiner,
      patienceMs: 2 * HELD_MS,
      signal: this.#leaving.signal,
    };
    const answer = await this.#wires.receiving
      .call('GET', 'messages.json', held)
      .catch(() => undefined);
    this.#isHeld = false;
    this.hasHeard = (answer?.results.messages ?? []).some(({ msg }) => msg === TEXT);
  }

  /** Once: what a broken storage has refused proves nothing here. */
  async #send(): Promise<void> {
    const data = { messages: [{ msg: TEXT }] };
    const answer = await this.#wires.sending
      .call('POST', 'messages.json', { tokens: this.#pair.creator, data })
      .catch(() => undefined);
    this.#isAccepted = answer?.code === 202;
  }
}
