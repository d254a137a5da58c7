import {
  beginHandshake,
  receiveMessage,
  refusalOfText,
  seal,
  sendText,
  Sfc1Error,
  statusOf,
  unseal,
  type SecureChat,
  type SecureEvent,
  type SentText,
} from '../../crypto/index.ts';
import type { IncomingMessage } from '../api/answers.ts';
import { asList, parseJson } from '../api/json.ts';
import { newToken } from '../api/token.ts';
import { createKeeper, type KeeperOptions, type Made } from '../keys/keeper.ts';
import type { KeptChat, SealedMessage } from '../keys/kept-chat.ts';
import { systemNews, type Line, type Reading, type Secrecy } from './line.ts';

export interface SecureLineOptions extends KeeperOptions {
  /** A reload has lost the keys: a new handshake is due. */
  readonly lost: boolean;
}

/** A text, and the id of the message that carries it. */
interface Written {
  readonly id: string;
  readonly text: string;
}

/** What one message said: its key, and the events that came of it. */
type Said = readonly [key: string, events: readonly SecureEvent[]];

const UNSHOWN = 'unshown';

/** The same id with another content is another message: the ids are the server's to choose. */
const keyOf = ({ _id, msg }: IncomingMessage): string => `${_id}.${msg.slice(-24)}`;

const inEnvelopes = (outgoing: readonly string[]): SealedMessage[] =>
  outgoing.map((msg) => ({ _id: newToken(), msg }));

/**
 * The line of an encrypted chat. A step is computed first; then the new state is stored together with the
 * envelopes and the events that came of it, if no other tab has taken a step meanwhile. So no sequence is
 * ever used twice, and what was opened is shown even if the page goes away in between.
 */
// eslint-disable-next-line max-lines-per-function -- the operations of one small state
export function createSecureLine(options: SecureLineOptions): Line {
  const keeper = createKeeper(options);
  const { inTurn, step, change } = keeper;
  let isRestartDue = options.lost;

  /** Asked within the step: another tab may have begun meanwhile. */
  const exchange = async (isDue: (state: SecureChat) => boolean = () => true): Promise<void> => {
    await step(async ({ state }) => {
      if (!isDue(state)) return { state, messages: [] };
      const { state: next, outgoing } = await beginHandshake(state);
      return { state: next, messages: inEnvelopes(outgoing) };
    });
  };

  const readAll = (
    messages: readonly IncomingMessage[],
  ): Promise<Made & { said: readonly Said[] }> =>
    step(async (from) => {
      const known = await saidBefore(from);
      const said: Said[] = [];
      const sealed: SealedMessage[] = [];
      let { state } = from;
      for (const message of messages) {
        const key = keyOf(message);
        const again = known.get(key);
        const taken = again ? undefined : await receiveMessage(state, message.msg);
        said.push([key, again ?? taken?.events ?? []]);
        if (!taken) continue;
        state = taken.state;
        sealed.push(...inEnvelopes(taken.outgoing));
      }
      const unshown = await seal(from.sealingKey, UNSHOWN, JSON.stringify(said));
      return { state, messages: sealed, unshown, said };
    });

  const writeAll = async (texts: readonly Written[]): Promise<void> => {
    await options.written();
    await step(async ({ state }) => {
      let next = state;
      const messages: SealedMessage[] = [];
      for (const { id, text } of texts) {
        const { outgoing, sent, ...made } = await sendText(next, text);
        next = made.state;
        messages.push(...outgoing.map((msg) => ({ _id: id, msg, sent })));
      }
      return { state: next, messages };
    });
  };

  /** What is written before its turn has come is one step together. */
  let waiting: { readonly texts: Written[]; readonly done: Promise<void> } | undefined;
  const newTurn = (): NonNullable<typeof waiting> => {
    const texts: Written[] = [];
    const done = inTurn(() => {
      waiting = undefined;
      return writeAll(texts);
    });
    return { texts, done };
  };

  return {
    outbox: {
      pending: () => keeper.now().outbox,
      remove: keeper.removeAccepted,
    },
    secrecy: () => secrecyOf(keeper.now()),
    refresh: () =>
      inTurn(async () => {
        await keeper.look();
      }),
    begin: () =>
      inTurn(async () => {
        const { code, state } = await keeper.look();
        if (code !== undefined) await change(() => ({ code: undefined }));
        if (isRestartDue) await exchange();
        else if (isFirst(state)) await exchange(isFirst);
        isRestartDue = false;
      }),
    write(id, text) {
      // One that may not be sent must not keep the others back.
      const refusal = refusalOfText(text);
      if (refusal) return Promise.reject(new Sfc1Error(refusal));
      waiting ??= newTurn();
      waiting.texts.push({ id, text });
      return waiting.done;
    },
    read: (messages) =>
      inTurn(async () => {
        const talkers = messages.filter(({ system }) => !system);
        const { said } = talkers.length > 0 ? await readAll(talkers) : { said: [] };
        const events = new Map(said);
        return messages.flatMap((message) => newsOf(message, events));
      }),
    frameOf: (id) => keeper.now().outbox.find(({ _id }) => _id === id)?.sent,
    isConfirmed: (sent) => isConfirmed(keeper.now().state, sent),
    exchangeAnew: () => inTurn(() => exchange()),
    setCompared: () => inTurn(() => change(({ state }) => ({ compared: state.current?.number }))),
  };
}

/** The creator begins, once, when the joiner is there. */
const isFirst = ({ role, memory }: SecureChat): boolean =>
  role === 'creator' && memory.commits.length === 0;

async function saidBefore({ sealingKey, unshown }: KeptChat): Promise<Map<string, Said[1]>> {
  const text = unshown === undefined ? undefined : await unseal(sealingKey, UNSHOWN, unshown);
  // This page has written it, and nobody else has the key.
  return new Map(asList(parseJson(text ?? null)) as Said[]);
}

function newsOf(
  message: IncomingMessage,
  events: ReadonlyMap<string, readonly SecureEvent[]>,
): Reading {
  if (message.system) return [systemNews(message)];
  const happened = events.get(keyOf(message)) ?? [];
  return happened.map((event) => ({ kind: 'secure', id: message._id, event }));
}

function secrecyOf({ state, compared }: KeptChat): Secrecy {
  switch (statusOf(state)) {
    case 'secured': {
      const { words, number } = state.current ?? {};
      return words
        ? { kind: 'encrypted', words, compared: number === compared }
        : { kind: 'exchanging' };
    }
    case 'failed':
      return { kind: 'failed', canRetry: state.failure !== 'too many handshakes' };
    case 'exchanging':
      return { kind: 'exchanging' };
  }
}

function isConfirmed({ current, earlier }: SecureChat, { epoch, sequence }: SentText): boolean {
  const found = [current, ...earlier].find((candidate) => candidate?.number === epoch);
  return found !== undefined && found.confirmed > sequence;
}

/** Whether no further handshake may begin in this chat. */
export const isHandshakeLimit = (thrown: unknown): boolean =>
  thrown instanceof Sfc1Error && thrown.reason === 'handshake limit';

/** Tries another handshake. Answers whether it was begun: a chat has only so many. */
export async function beginAnew(line: Pick<Line, 'exchangeAnew'>): Promise<boolean> {
  try {
    await line.exchangeAnew();
    return true;
  } catch (thrown) {
    if (isHandshakeLimit(thrown)) return false;
    throw thrown;
  }
}
