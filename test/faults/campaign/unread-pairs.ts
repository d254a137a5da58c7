import { setTimeout as sleep } from 'node:timers/promises';
import { meetAtLast, type Pair } from './pairs.ts';
import type { Wire } from './wire.ts';

/** Milliseconds between two attempts while the storage is broken. */
const PAUSE_MS = 100;

/** Two of whom one sends one message after the other, and the other reads none. */
export interface UnreadPair extends Pair {
  /** The texts that were answered 202. */
  readonly accepted: string[];
}

export async function unreadPairs(wire: Wire, count: number): Promise<UnreadPair[]> {
  const pairs = await Promise.all(Array.from({ length: count }, () => meetAtLast(wire)));
  return pairs.map((pair) => ({ ...pair, accepted: [] }));
}

/** Sends one message after the other, accepted or not, until it is told to stop. */
export async function sendUntil(
  stopping: AbortSignal,
  wire: Wire,
  { creator, accepted }: UnreadPair,
  onAccepted: () => void,
): Promise<void> {
  for (let number = 0; !stopping.aborted; number += 1) {
    const msg = `message ${number}`;
    const data = { messages: [{ msg }] };
    const answer = await wire
      .call('POST', 'messages.json', { tokens: creator, data })
      .catch(() => undefined);
    if (answer?.code !== 202) await sleep(PAUSE_MS);
    else {
      accepted.push(msg);
      onAccepted();
    }
  }
}

/** What was accepted and is not in the inbox, asked as soon as the storage is there. */
export async function missing(wire: Wire, { joiner, accepted }: UnreadPair): Promise<string[]> {
  for (;;) {
    const answer = await wire
      .call('GET', 'messages.json?longPolling=false', { tokens: joiner })
      .catch(() => undefined);
    if (answer?.code === 200) {
      const there = new Set((answer.results.messages ?? []).map(({ msg }) => msg));
      return accepted.filter((text) => !there.has(text));
    }
    await sleep(PAUSE_MS);
  }
}
