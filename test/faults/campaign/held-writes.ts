import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoProxy } from '../../support/mongo-proxy.ts';
import type { Fault } from './faults.ts';
import { until, type Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { missing, sendUntil, unreadPairs } from './unread-pairs.ts';
import { Wire } from './wire.ts';

/** Chats in which somebody sends one message after the other, to somebody who reads none. */
const CHATS = 20;

/** Kills, each while writes hang. */
const ROUNDS = 3;

/** Messages that are accepted before writes hang, at the least. */
const ACCEPTED = 40;

/** Milliseconds for which writes hang before the kill: whoever answers without them has time to do so. */
const HELD_MS = 500;

/** The commands by which anything is changed. */
const WRITES = /^(update|insert|delete|findAndModify|bulkWrite)$/;

/** A server and its way to the database. */
export interface Severable {
  readonly wire: Wire;
  /** Between the server and its database. */
  readonly mongo: MongoProxy;
  /** Ends the server at once. */
  readonly kill: () => Promise<unknown>;
  /** Starts it again, with its way to the database open. */
  readonly start: () => Promise<void>;
}

/**
 * kill -9 while no write gets through to the database, and nobody reads. Whoever answers 202 meanwhile has not waited
 * until the message is stored, and it never will be. Then everything that was answered 202 must be there.
 */
export const killWhileWritesHang = (options: {
  readonly stage: Stage;
  /** A server of its own. */
  readonly web: Supervised;
  readonly mongo: MongoProxy;
}): Fault => ({
  name: 'kill -9 while writes hang, with nobody reading',
  run: async () => {
    const { stage, web, mongo } = options;
    const wire = new Wire(() => web.origin);
    const kill = () => web.end('SIGKILL');
    const start = () => web.start();
    await start();
    let hung = 0;
    for (let round = 0; round < ROUNDS; round += 1)
      hung += await tryWhileWritesHang(stage, { wire, mongo, kill, start });
    await web.end('SIGTERM');
    await wire.close();
    return `${ROUNDS} times, ${hung} writes`;
  },
});

/** Gives how many writes did not get through. */
export async function tryWhileWritesHang(
  stage: Pick<Stage, 'broken'>,
  { wire, mongo, kill, start }: Severable,
): Promise<number> {
  const pairs = await unreadPairs(wire, CHATS);
  const stopping = new AbortController();
  let accepted = 0;
  const sending = pairs.map((pair) =>
    sendUntil(stopping.signal, wire, pair, () => (accepted += 1)),
  );
  await until(() => accepted >= ACCEPTED, 'messages are accepted');
  const before = mongo.faults;
  mongo.fault = (command) => (WRITES.test(command) ? { kind: 'swallow' } : null);
  await until(() => mongo.faults > before, 'a write hangs');
  await sleep(HELD_MS);
  stopping.abort();
  await kill();
  // What has left the server and waits on the way is gone with it.
  mongo.stop();
  mongo.fault = () => null;
  mongo.resume();
  await Promise.all(sending);
  await start();
  for (const pair of pairs) {
    for (const text of await missing(wire, pair))
      stage.broken(
        'lost',
        `${text} of a chat that nobody read, accepted while no write got through`,
      );
  }
  return mongo.faults - before;
}
