import type { Fault } from './faults.ts';
import { meet, type Pair } from './pairs.ts';
import type { Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { Wire } from './wire.ts';

/** Chats in which somebody sends one message after the other, to somebody who reads none. */
const CHATS = 20;

/** Kills, each in the middle of sends. */
const ROUNDS = 4;

/** Messages that are accepted before the kill, at the least. */
const ACCEPTED = 40;

interface Sending extends Pair {
  /** The texts that were answered 202. */
  readonly accepted: string[];
}

/**
 * kill -9 as soon as a 202 arrives, while nobody reads: what a talker has seen already hides that it was not stored
 * yet. Then everything that was answered 202 must be there.
 */
export const killAfterAnswer = (options: {
  readonly stage: Stage;
  /** A server of its own. */
  readonly web: Supervised;
}): Fault => ({
  name: 'kill -9 right after an answer, with nobody reading',
  run: async () => {
    const { stage, web } = options;
    const wire = new Wire(() => web.origin);
    let accepted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await web.start();
      const pairs = await Promise.all(Array.from({ length: CHATS }, () => begin(wire)));
      await sendUntilKilled(web, wire, pairs);
      await web.start();
      for (const pair of pairs) {
        accepted += pair.accepted.length;
        for (const text of await missing(wire, pair))
          stage.broken('lost', `${text} of a chat that nobody read`);
      }
      await web.end('SIGTERM');
    }
    await wire.close();
    return `${ROUNDS} times, ${accepted} messages`;
  },
});

const begin = async (wire: Wire): Promise<Sending> => ({ ...(await meet(wire)), accepted: [] });

async function sendUntilKilled(
  web: Supervised,
  wire: Wire,
  pairs: readonly Sending[],
): Promise<void> {
  let count = 0;
  let killed: Promise<unknown> | undefined;
  const onAccepted = (): void => {
    count += 1;
    if (count >= ACCEPTED) killed ??= web.end('SIGKILL');
  };
  await Promise.all(pairs.map((pair) => sendOn(wire, pair, onAccepted)));
  await killed;
}

/** Sends one message after the other until one is not accepted. */
async function sendOn(
  wire: Wire,
  { creator, accepted }: Sending,
  onAccepted: () => void,
): Promise<void> {
  for (let number = 0; ; number += 1) {
    const msg = `message ${number}`;
    const data = { messages: [{ msg }] };
    const answer = await wire
      .call('POST', 'messages.json', { tokens: creator, data })
      .catch(() => undefined);
    if (answer?.code !== 202) return;
    accepted.push(msg);
    onAccepted();
  }
}

/** What was accepted and is not in the inbox. */
async function missing(wire: Wire, { joiner, accepted }: Sending): Promise<string[]> {
  const { results } = await wire.call('GET', 'messages.json?longPolling=false', { tokens: joiner });
  const there = new Set((results.messages ?? []).map(({ msg }) => msg));
  return accepted.filter((text) => !there.has(text));
}
