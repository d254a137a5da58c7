import type { Fault } from './faults.ts';
import type { Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { missing, sendUntil, unreadPairs, type UnreadPair } from './unread-pairs.ts';
import { Wire } from './wire.ts';

/** Chats in which somebody sends one message after the other, to somebody who reads none. */
const CHATS = 20;

/** Kills, each in the middle of sends. */
const ROUNDS = 4;

/** Messages that are accepted before the kill, at the least. */
const ACCEPTED = 40;

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
      const pairs = await unreadPairs(wire, CHATS);
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

async function sendUntilKilled(
  web: Supervised,
  wire: Wire,
  pairs: readonly UnreadPair[],
): Promise<void> {
  const stopping = new AbortController();
  let count = 0;
  let killed: Promise<unknown> | undefined;
  const onAccepted = (): void => {
    count += 1;
    if (count < ACCEPTED || killed !== undefined) return;
    stopping.abort();
    killed = web.end('SIGKILL');
  };
  await Promise.all(pairs.map((pair) => sendUntil(stopping.signal, wire, pair, onAccepted)));
  await killed;
}
