import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../../src/chat/chat.ts';
import type { Tokens, Wire } from './wire.ts';

/** Two who are in one chat, and have not polled yet. */
export interface Pair {
  readonly creator: Tokens;
  readonly joiner: Tokens;
}

/** Milliseconds between two attempts while the storage is broken. */
const PAUSE_MS = 100;

/**
 * A chat with both of its participants; each may be at a server of their own.
 *
 * @throws Error when one of them was not let in, as while a database is away
 */
export async function meet(ofCreator: Wire, ofJoiner = ofCreator): Promise<Pair> {
  const chatToken = newToken();
  const creator = { chatToken, userToken: newToken() };
  const joiner = { chatToken, userToken: newToken() };
  const created = await ofCreator.call('POST', 'chat.json', { tokens: creator });
  const joined = await ofJoiner.call('PUT', 'chat.json', { tokens: joiner });
  if (created.code !== 201 || joined.code !== 200)
    throw new Error(`a new chat was answered ${created.code}, and a join ${joined.code}`);
  return { creator, joiner };
}

/** The same with empty inboxes, as soon as the storage is there: it may be broken now and then meanwhile. */
export async function meetAtLast(ofCreator: Wire, ofJoiner = ofCreator): Promise<Pair> {
  for (;;) {
    try {
      const pair = await meet(ofCreator, ofJoiner);
      if (await emptyInbox(ofJoiner, pair.joiner)) return pair;
    } catch {
      // No answer: another one.
    }
    await sleep(PAUSE_MS);
  }
}

/** Reads and acknowledges what an inbox holds, without a poll; whether it is empty then. */
export async function emptyInbox(wire: Wire, tokens: Tokens): Promise<boolean> {
  const { results } = await wire.call('GET', 'messages.json?longPolling=false', { tokens });
  const data = { messages: (results.messages ?? []).map(({ _id }) => ({ _id })) };
  const { code } = await wire.call('DELETE', 'messages.json', { tokens, data });
  return results.code === 200 && code === 202;
}
